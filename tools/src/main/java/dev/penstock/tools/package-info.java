/**
 * The command line: parsing and printing only, the work is the store's. Start at {@link dev.penstock.tools.Penstock}
 * and {@link dev.penstock.tools.RootCommand}, which names the subcommands. Each subcommand is one class that extends
 * {@link dev.penstock.tools.StoreCommand}; {@link dev.penstock.tools.Failures} turns what goes wrong into one line and
 * an exit code. Keys and values as text are {@link
 * dev.penstock.tools.KeyText} (terminal) and {@link dev.penstock.tools.Json} (scripts).
 *
 * <p>A command whose work is not the store's keeps it in a package below: {@code load} generates the load of {@code
 * bench}, {@code top} is what {@code top} shows, {@code client} is the way to a server. These packages know neither
 * commands nor the parser.
 */
package dev.penstock.tools;
