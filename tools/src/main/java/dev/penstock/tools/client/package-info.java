/**
 * The way to a server: its address, how a client shows who it is, and a connection for one request at a time. It knows
 * no command line and prints nothing.
 */
package dev.penstock.tools.client;
