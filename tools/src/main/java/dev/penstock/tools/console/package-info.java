/**
 * What a command prints, and how it reports a failure. Start at {@link dev.penstock.tools.console.Console}, the three
 * streams of the process. {@code StandardOutput} is named in what goes wrong there.
 *
 * <p>{@link dev.penstock.tools.console.Json} prints entries and reports for scripts, one object a line.
 * {@link dev.penstock.tools.console.ProgressDisplay} shows on the terminal how far a long command is;
 * {@link dev.penstock.tools.console.TerminalWidth} asks the kernel how wide that is.
 * {@link dev.penstock.tools.console.Failures} turns the exception that ended a command into one line and an exit code.
 * For a store that another process has open it asks {@code LockHolder} which one that is.
 *
 * <p>All commands use this package, each on one thread. The bar of {@code ProgressDisplay} is drawn by a thread of its
 * library; no lock is held while a command works.
 */
@NullMarked
package dev.penstock.tools.console;

import org.jspecify.annotations.NullMarked;
