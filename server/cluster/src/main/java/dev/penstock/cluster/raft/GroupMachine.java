package dev.penstock.cluster.raft;

import dev.penstock.cluster.entry.LogEntry;
import dev.penstock.cluster.entry.MalformedEntryException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.StateMachineException;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.jspecify.annotations.Nullable;

/**
 * A replica as Ratis sees it: committed entries go into an {@link ApplyQueue}, and nothing goes past it.
 *
 * <ul>
 *   <li>Ratis starts behind the mark of the replica, which it takes for a snapshot, so that entries at or below it are
 *       not even read. The replica's store <i>is</i> the snapshot; taking one is a sync.
 *   <li>Ratis counts its own entries as applied when it has told of them. They wait in the queue like any other:
 *       otherwise the mark would run ahead of the entries before them.
 *   <li>No future that Ratis gets ends exceptionally: it would log that, skip the entry and go on.
 * </ul>
 *
 * <p>Threads: Ratis applies entries by one thread, and calls the rest by many. Nothing here has state of its own but
 * the last snapshot and where the log is.
 */
class GroupMachine extends BaseStateMachine {

    /** Is told by threads of Ratis, which must not be kept waiting. */
    interface Events {

        void onLeader(String leader);

        void onReady();

        void onTooFarBehind();

        /** The log cannot be written any more. */
        void onLogFailed(Throwable cause);

        /** The server is closed, by whatever. */
        void onShutdown();
    }

    /** Makes a machine; a test makes one that breaks a rule. */
    interface Maker {
        GroupMachine make(
                Replica replica,
                ApplyQueue queue,
                Function<RaftClientRequest, @Nullable Submission> submissions,
                Events events);
    }

    /** What Ratis wants to know of a store. */
    private record StoreSnapshot(TermIndex getTermIndex) implements SnapshotInfo {

        @Override
        public List<FileInfo> getFiles() {
            return List.of();
        }
    }

    private final Replica replica;
    private final ApplyQueue queue;
    private final Function<RaftClientRequest, @Nullable Submission> submissions;
    private final Events events;
    private final KeptLog kept;
    private volatile LogPosition snapshot;
    private volatile @Nullable Path logFolder;

    /**
     * Makes a machine whose replica is where its mark says.
     *
     * @param submissions returns the submission that a request is of; null if it is of another node
     * @param kept what stays in the log after a snapshot
     */
    GroupMachine(
            Replica replica,
            ApplyQueue queue,
            Function<RaftClientRequest, @Nullable Submission> submissions,
            Events events,
            KeptLog kept) {
        this.replica = replica;
        this.queue = queue;
        this.submissions = submissions;
        this.events = events;
        this.kept = kept;
        this.snapshot = queue.applied();
    }

    GroupMachine(
            Replica replica,
            ApplyQueue queue,
            Function<RaftClientRequest, @Nullable Submission> submissions,
            Events events) {
        this(replica, queue, submissions, events, KeptLog.USUAL);
    }

    @Override
    public void initialize(RaftServer server, RaftGroupId group, RaftStorage storage) throws IOException {
        super.initialize(server, group, storage);
        logFolder = storage.getStorageDir().getCurrentDir().toPath();
        setLastAppliedTermIndex(termIndex(queue.applied()));
    }

    private static TermIndex termIndex(LogPosition position) {
        return TermIndex.valueOf(position.term(), position.index());
    }

    @Override
    public TermIndex getLastAppliedTermIndex() {
        return termIndex(queue.applied());
    }

    @Override
    public @Nullable SnapshotInfo getLatestSnapshot() {
        return snapshot.equals(LogPosition.NONE) ? null : new StoreSnapshot(termIndex(snapshot));
    }

    /**
     * From here on the entry may be in the log, and be committed by another leader. Ratis holds its lock, so that the
     * term is the one that the entry gets.
     */
    @Override
    public TransactionContext preAppendTransaction(TransactionContext transaction) throws IOException {
        Submission own = own(transaction);
        if (own != null) {
            long term = getServer().join().getDivision(getGroupId()).getInfo().getCurrentTerm();
            if (!own.isForTerm(term)) {
                throw new StateMachineException("the lead is that of term " + term, false); // and goes on
            }
            own.append(term);
        }
        return transaction;
    }

    private @Nullable Submission own(TransactionContext transaction) {
        RaftClientRequest request = transaction.getClientRequest();
        return request == null ? null : submissions.apply(request);
    }

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        LogEntryProto logged = transaction.getLogEntry();
        LogPosition position = new LogPosition(logged.getTerm(), logged.getIndex());
        Submission own = own(transaction);
        LogEntry entry;
        try {
            entry = own != null
                    ? own.entry()
                    : LogEntry.of(logged.getStateMachineLogEntry().getLogData().toByteArray());
        } catch (MalformedEntryException e) {
            queue.stop(new UnappliedEntryException(position, e));
            return CompletableFuture.completedFuture(Message.EMPTY);
        }
        return queue.add(new CommittedEntry(position, entry), own).thenApply(_ -> Message.EMPTY);
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // what comes later waits for it
    public void notifyTermIndexUpdated(long term, long index) {
        queue.add(new CommittedEntry(new LogPosition(term, index), null), null);
    }

    /** The last entry that the store had on the device when a snapshot was taken. */
    LogPosition snapshot() {
        return snapshot;
    }

    /**
     * Syncs the store, and lets go of what the log need not keep. Ratis would do that up to what this returns, but it
     * closes itself when an index is below an earlier one, and begins with the mark.
     *
     * @return -1: Ratis has nothing to do
     */
    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // Ratis logs a failure, and the next snapshot tries again
    public long takeSnapshot() throws IOException {
        LogPosition position = replica.applied();
        replica.sync();
        snapshot = position;
        Path folder = logFolder;
        if (folder != null) {
            long last = kept.lastToLetGo(folder, position.index());
            getServer().join().getDivision(getGroupId()).getRaftLog().purge(last);
        }
        return -1;
    }

    /** Would be called when files were exchanged under a paused machine. */
    @Override
    public void reinitialize() throws IOException {
        throw new IOException("the files of a replica are exchanged while its node is stopped");
    }

    @Override
    public CompletableFuture<TermIndex> notifyInstallSnapshotFromLeader(RoleInfoProto role, TermIndex firstInLog) {
        events.onTooFarBehind();
        return super.notifyInstallSnapshotFromLeader(role, firstInLog);
    }

    @Override
    public void notifyLeaderChanged(RaftGroupMemberId self, RaftPeerId leader) {
        events.onLeader(leader.toString());
    }

    @Override
    public void notifyLeaderReady() {
        events.onReady();
    }

    @Override
    public void notifyLogFailed(Throwable cause, @Nullable LogEntryProto failedEntry) {
        events.onLogFailed(cause);
    }

    @Override
    public void notifyServerShutdown(RoleInfoProto role, boolean allServers) {
        events.onShutdown();
    }
}
