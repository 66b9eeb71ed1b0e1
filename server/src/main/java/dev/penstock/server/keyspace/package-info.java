/**
 * The keys and values that commands work on: the only place where a command meets the store. {@link
 * dev.penstock.server.keyspace.Keyspace} is what commands see. {@link dev.penstock.server.keyspace.StoreKeyspace} is
 * the store itself, {@link dev.penstock.server.keyspace.TransactionKeyspace} the store with the changes of a
 * transaction over it, which it commits in one batch if nothing that it read has changed.
 *
 * <p>Start at {@link dev.penstock.server.keyspace.Keyspace}. A command gets the keyspace of its session, and cannot
 * tell which of the two it is. Values come out as a {@link dev.penstock.server.keyspace.KeyspaceValue}, which holds a
 * lease of the store until it is closed or handed to a reply; they go in as parts that are still where they came from,
 * so that nothing is copied twice. GET does not make one: the store copies a short value straight into the reply.
 *
 * <p>{@link dev.penstock.server.keyspace.ValueParts} are the parts that a new value is made of.
 * {@link dev.penstock.server.keyspace.WatchedKeys} are the keys of WATCH with the versions that they had; a transaction
 * commits only if they still have them. {@link dev.penstock.server.keyspace.EntryLimits} bound what the commands of an
 * entry of a replicated log read and change.
 *
 * <p>{@code TransactionKeyspace} has more than 450 lines: every kind of change has to be both seen by later commands
 * and added to the batch.
 *
 * <p>A keyspace belongs to the thread of one event loop. {@code update}, {@code expire} and {@code commit} may run on
 * another thread while the loop waits for it. The locks are those of the store: each call is atomic, and what depends
 * on a value that was read fails if another writer interfered.
 *
 * <p>Commands and sessions use this package; it knows no command.
 */
@NullMarked
package dev.penstock.server.keyspace;

import org.jspecify.annotations.NullMarked;
