package dev.penstock.cluster;

import dev.penstock.cluster.entry.LogEntry;
import dev.penstock.cluster.raft.CommittedEntry;
import dev.penstock.cluster.raft.LogPosition;
import dev.penstock.cluster.raft.Replica;
import dev.penstock.server.replica.EntryExecutor;
import dev.penstock.server.shard.EntryClock;
import dev.penstock.server.shard.WriteStep;
import dev.penstock.store.Store;
import dev.penstock.store.StoreException;
import dev.penstock.store.StoreFullException;
import dev.penstock.store.StoreIoException;
import dev.penstock.store.WriteBatch;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Executes committed entries on this node's store by the handlers that serve clients, each with its mark in one batch,
 * or in a few if it is long.
 *
 * <p>What this node has proposed is executed from the proposal, and the proposal gets the replies. Of the other nodes'
 * entries nobody here wants replies.
 *
 * <p>A failure that is no command's reply leaves the store at the end of a step, and is handed on: the same entries
 * come again. None is skipped, except for those at or below the mark, which are executed already.
 *
 * <p>Threads: entries are executed by a thread of the replica, {@code penstock-apply}. The rest is thread-safe.
 */
final class ExecutingReplica implements Replica, AutoCloseable {

    private final Store store;
    private final EntryClock clock;
    private final GroupLog log;
    private final EntryExecutor executor;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("penstock-apply").factory());

    /**
     * @param clock that of the store; it is set to the time of the last entry executed
     * @param log knows what this node has proposed
     */
    ExecutingReplica(Store store, EntryClock clock, GroupLog log) {
        this.store = store;
        this.clock = clock;
        this.log = log;
        clock.advance(ReplicaMark.of(store.mark()).millis());
        this.executor = new EntryExecutor(store, clock);
    }

    @Override
    public LogPosition applied() {
        return ReplicaMark.of(store.mark()).position();
    }

    @Override
    public CompletableFuture<Void> apply(List<CommittedEntry> entries) {
        return CompletableFuture.runAsync(() -> applyNow(entries), thread);
    }

    private void applyNow(List<CommittedEntry> batch) {
        LogPosition mark = applied();
        List<CommittedEntry> entries = batch.stream()
                .filter(committed -> committed.position().index() > mark.index())
                .toList();
        if (entries.isEmpty()) {
            return;
        }
        for (CommittedEntry committed : entries) {
            LogEntry entry = committed.entry();
            if (entry != null) {
                execute(entry, committed.position());
            }
        }
        CommittedEntry last = entries.getLast();
        if (last.entry() == null) {
            // The engine's own. One that others follow needs no mark: theirs say that it is passed.
            store.write(new WriteBatch().mark(mark(last.position())));
        }
    }

    private void execute(LogEntry entry, LogPosition position) {
        clock.advance(entry.millis());
        GroupLog.Append own = log.own(entry);
        List<WriteStep> steps = own == null ? EntrySteps.read(entry) : own.steps();
        List<byte[]> replies = executor.execute(entry.millis(), steps, mark(position));
        if (own != null) {
            own.executed(replies);
        }
    }

    private byte[] mark(LogPosition position) {
        return new ReplicaMark(position, clock.millis()).bytes();
    }

    @Override
    public void sync() throws IOException {
        try {
            store.sync();
        } catch (StoreException e) {
            throw new IOException(e);
        }
    }

    @Override
    public boolean hasFailed() {
        return store.hasFailed();
    }

    /** A value that is damaged stays so, and what was too long for the memory is so again. */
    @Override
    public boolean canPass(Throwable cause) {
        return cause instanceof StoreFullException || cause instanceof StoreIoException;
    }

    /** Executes nothing any more. The node must be closed. */
    @Override
    public void close() {
        thread.close();
        executor.close();
    }
}
