/**
 * The settings of a server. {@link dev.penstock.server.config.SettingTable} has one row for each: a {@link
 * dev.penstock.server.config.Setting} with its name, its kind and bounds, its default, its help, and whether it changes
 * while the server runs. {@link dev.penstock.server.config.Settings} holds the values of a running server. It is public
 * for the server's other packages alone, and is with the rows because a value that changes is bound to its row; no
 * method of the public API takes or returns one, and the Javadoc of the API leaves it out.
 *
 * <p>Start at {@link dev.penstock.server.config.SettingTable}. The command line, the configuration file, {@code
 * CONFIG}, the table of docs/reference/settings.md and packaging/penstock.conf come from the rows, or are compared with
 * them by a test. A new setting is a row, and a use of its value.
 *
 * <p>Values flow from the command line and the configuration file to {@link dev.penstock.server.ServerOptions}, from
 * there to {@link dev.penstock.server.config.Settings} when the server starts, and later from {@code CONFIG SET} to the
 * same place. A value that changes is a single number, which the event loops read whenever they need it; so a change
 * counts from the next request on.
 *
 * <p>Rows are immutable. Any thread may read and write values; there is no lock, as each value stands alone.
 *
 * <p>Every package above {@code transfer} may read settings. Only {@code CONFIG SET} and the start of the server write
 * them.
 */
@NullMarked
package dev.penstock.server.config;

import org.jspecify.annotations.NullMarked;
