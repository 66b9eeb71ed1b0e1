/**
 * Executes the entries of a group's log on a replica's store, for the module {@code penstock-cluster}.
 *
 * <p>Start at {@link dev.penstock.server.replica.EntryExecutor}. It runs the same handlers as an event loop, on a
 * {@link dev.penstock.server.keyspace.TransactionKeyspace} at the entry's own time, and commits all changes of the
 * entry and the store's mark in one batch, or in a few if they are many; {@link dev.penstock.server.replica.EntryMark}
 * says how far an entry is executed. What an entry does thus depends on the store and on the entry alone: not on the
 * time, the settings or the memory of the node. What it replies is for the leader's clients alone, and is left out
 * where it is too long.
 *
 * <p>An executor belongs to one thread at a time, which is no event loop, and takes no lock. The package is above
 * {@code command}; no package of the server uses it, so a server that belongs to no cluster does not load it.
 */
@NullMarked
package dev.penstock.server.replica;

import org.jspecify.annotations.NullMarked;
