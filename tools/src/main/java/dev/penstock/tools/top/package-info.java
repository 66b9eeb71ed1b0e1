/**
 * A live view of a server or of a store's directory. A {@link dev.penstock.tools.top.TopSource} is read again and
 * again; two readings make a {@link dev.penstock.tools.top.TopFrame}, whose rates are of the time between them; a
 * {@link dev.penstock.tools.top.TopScreen} lays a frame out as lines; a {@link dev.penstock.tools.top.TopTerminal}
 * shows them and takes keys.
 */
package dev.penstock.tools.top;
