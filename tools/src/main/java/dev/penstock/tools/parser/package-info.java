/**
 * What the command line's parser, picocli, leaves to its caller. Start at
 * {@link dev.penstock.tools.parser.UsageProblem}, which says what is wrong with a command line in the words of the
 * program's other messages, and suggests the nearest name.
 *
 * <p>{@link dev.penstock.tools.parser.ConfigFile} gives the parser the options of a file, with the line of each, so
 * that an error names it; the command line takes precedence. {@link dev.penstock.tools.parser.FishCompletion} writes
 * the completions for the fish shell; picocli itself writes those for bash and zsh.
 * {@link dev.penstock.tools.parser.LowerCaseNames} converts words such as {@code gzip}.
 *
 * <p>The package {@code command} uses these classes while it parses, on one thread; they take no lock and know no
 * command.
 */
@NullMarked
package dev.penstock.tools.parser;

import org.jspecify.annotations.NullMarked;
