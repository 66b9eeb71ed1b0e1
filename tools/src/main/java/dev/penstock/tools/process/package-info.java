/**
 * How the process of a command begins and ends. Start at {@link dev.penstock.tools.process.ExitCode}, which says what
 * the exit status means; it is the same for every subcommand.
 *
 * <p>A {@link dev.penstock.tools.process.ToolException} ends a command with one line on standard error and one of
 * those codes. {@link dev.penstock.tools.process.ExitHook} registers what the JVM runs on its way out, and copes with
 * a JVM that is ending already. {@link dev.penstock.tools.process.MainClass} is the name of the main class, by which a
 * process that runs the program is recognized.
 *
 * <p>All packages of the tools may use this one; it uses none of them. It takes no lock of its own.
 */
@NullMarked
package dev.penstock.tools.process;

import org.jspecify.annotations.NullMarked;
