/**
 * The command line: parsing and printing only, the work is the store's. Start at {@link dev.penstock.tools.Penstock},
 * which runs one command line from its words to its exit code. A plain {@code serve} goes straight to
 * {@link dev.penstock.tools.serve.Serve}; everything else goes to {@link dev.penstock.tools.command.RootCommand},
 * which names the subcommands.
 *
 * <p>Each subcommand is one class in {@code command}. What it does beyond parsing and printing is in a package of its
 * own, which knows neither commands nor the parser: {@code load} takes entries from files, {@code bench} measures a
 * server, {@code top} watches one, {@code serve} runs one. {@code client} is the way to a server. {@code console},
 * {@code text} and {@code process} are what all of them use to print, to convert and to end.
 *
 * <p>Nothing here takes a lock: a command runs on one thread, and the store has the locks. The launcher
 * {@code penstock} calls the main class by its name, and nothing else calls it.
 */
@NullMarked
package dev.penstock.tools;

import org.jspecify.annotations.NullMarked;
