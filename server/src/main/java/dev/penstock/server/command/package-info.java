/**
 * What each command does: one class for each group of commands, which registers them with the facts that COMMAND
 * answers from, and a few kinds of work that several commands share.
 *
 * <p>Start at {@link dev.penstock.server.command.Commands}, which registers all groups. A new command is one method,
 * and one entry in the {@code register} of its group. The method gets the session, the request and the reply; it throws
 * a {@link dev.penstock.server.resp.CommandError} for an error. It reads and writes the session's
 * {@link dev.penstock.server.keyspace.Keyspace}, spends what it costs of the {@link dev.penstock.server.turn.Turn}, and
 * gives what takes longer to the session as a {@link dev.penstock.server.turn.Suspended}:
 * {@link dev.penstock.server.command.AtomicChange} for changes of several keys, {@code ReadsTogether} for reads of
 * several keys as of one moment, {@code Exchange} and {@code Replacement} for a value in the place of another.
 *
 * <p>Each event loop has commands of its own, which run on its thread only; they take no lock. Work for another thread
 * is a {@link dev.penstock.server.turn.Job}.
 *
 * <p>Only the event loop uses this package, once, to have the commands registered. From then on the dispatcher calls
 * them. The package has 26 classes, as each group of commands is one.
 */
@NullMarked
package dev.penstock.server.command;

import org.jspecify.annotations.NullMarked;
