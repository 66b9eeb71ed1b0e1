/**
 * Which server a key belongs to, where several servers share the keys as the nodes of a Redis cluster do.
 *
 * <p>Start at {@link dev.penstock.server.shard.Router}: the dispatcher asks it before a command with keys is executed.
 * {@link dev.penstock.server.shard.Slots} finds the slot of a key. {@link dev.penstock.server.shard.ClusterMap} is one
 * picture of who serves which slots: {@link dev.penstock.server.shard.SlotRange}s and {@link
 * dev.penstock.server.shard.ClusterNode}s. A {@link dev.penstock.server.shard.MapRouter} answers from the newest map.
 * A server that belongs to no cluster has {@link dev.penstock.server.shard.Router#STANDALONE}, and is not asked about
 * slots at all.
 *
 * <p>Where a group of nodes replicates the keys, the nodes agree on the order of what clients write by a log. The
 * module {@code penstock-cluster} has it, and implements {@link dev.penstock.server.shard.Proposals}: the server hands
 * it {@link dev.penstock.server.shard.Proposal}s, each of which becomes an entry of the log. An entry consists of
 * {@link dev.penstock.server.shard.WriteStep}s, commands as clients sent them. Every replica executes them by {@code
 * EntryExecutor} of the package {@code replica}, on a store that goes by an {@link
 * dev.penstock.server.shard.EntryClock}. {@link dev.penstock.server.shard.ReplyMemory} bounds the replies that are on
 * their way back.
 *
 * <p>{@link dev.penstock.server.shard.GroupState} is what a node knows of its group, for reports.
 *
 * <p>Maps are immutable, routers thread-safe; there is no lock. The packages {@code session}, {@code command} and
 * {@code report} use this package; it knows requests and their errors alone.
 */
@NullMarked
package dev.penstock.server.shard;

import org.jspecify.annotations.NullMarked;
