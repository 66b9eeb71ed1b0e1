/**
 * The subcommands, one class each, and the options that several of them share. Start at
 * {@link dev.penstock.tools.command.RootCommand}, which parses a command line, runs the subcommand that it names, and
 * turns what goes wrong into one line and an exit code.
 *
 * <p>A command on a store extends {@code StoreCommand}, which has the directory, opens it to read or to write, and says
 * what is wrong with it. The commands on a server, {@code top} and {@code bench}, take {@code ConnectionOptions}
 * instead; those of {@code cluster} run nodes. {@code KeyOptions} and {@code ExpiryOptions} say how a key and an expiry
 * are typed; {@code SettingOptions} makes an option of each setting of the server, and {@code ServerSettings} takes
 * their values. A command parses, calls the store or the package that does its work, and prints the result as text or
 * with {@code --json}; it decides nothing else.
 *
 * <p>The package has 31 classes, most of them commands.
 *
 * <p>Only the main class uses this package, and only {@link dev.penstock.tools.command.RootCommand} is public. A
 * command runs on one thread and takes no lock.
 */
@NullMarked
package dev.penstock.tools.command;

import org.jspecify.annotations.NullMarked;
