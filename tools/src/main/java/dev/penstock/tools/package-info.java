/**
 * The command line: parsing and printing only, the work is the store's. Start at {@link dev.penstock.tools.Penstock},
 * which names the subcommands and turns exceptions into one line and an exit code. Each subcommand is one class; those
 * on a store extend {@link dev.penstock.tools.StoreCommand}. Keys and values as text are {@link
 * dev.penstock.tools.KeyText} (terminal) and {@link dev.penstock.tools.Json} (scripts).
 */
package dev.penstock.tools;
