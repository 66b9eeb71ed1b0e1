package dev.penstock.cluster.raft;

import dev.penstock.cluster.entry.LogEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A replica of a group: its log, its place in elections, and the way of an entry from one node into the stores of all.
 *
 * <p>An entry that is submitted at the leader is appended to the logs of the members; when a majority has it, each of
 * them has its {@link Replica} apply it. The outcome is known when the leader has. A {@linkplain #fence() fence} says
 * that what the replica holds now may be read: the node leads, and everything that any leader has acknowledged before
 * is applied.
 *
 * <p>A node that cannot go on stops itself and tells its listener: when its store or its log has failed, or when Ratis
 * has closed itself. Its owner then closes it and starts another one on the same folders.
 *
 * <p>Thread-safe. Submitting and fencing do not wait, so that event loops may do it: a thread of the node appends,
 * since that can take as long as the log's queue is full. Outcomes complete on threads of the replica or of Ratis.
 */
public final class RaftNode implements AutoCloseable {

    private static final Logger LOG = System.getLogger(RaftNode.class.getName());

    /** In place of a term: an entry may be appended in any. */
    public static final long ANY_TERM = -1;

    private static final String TIMER = "penstock-raft-timer";
    private static final long WATCH_MILLIS = 1000;
    private static final long SNAPSHOT_MILLIS = 300_000;
    private static final long SNAPSHOT_BYTES = 256L << 20;
    private static final long CLOSE_MILLIS = 5000;
    private static final long STEP_DOWN_MILLIS = 5000;
    private static final long HAND_OVER_MILLIS = 1000;
    private static final long FAULT_LINE_MILLIS = 60_000;

    private final RaftSettings settings;
    private final RaftListener listener;
    /** Ratis and the replica may have something to tell when the node has ended. */
    private final ScheduledExecutorService timer = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name(TIMER).factory(), new ThreadPoolExecutor.DiscardPolicy());

    private final ApplyQueue queue;
    private final RatisServer server;

    /** The folder of Ratis for this group is in use as long as this is not complete. */
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    /** Set once: the node takes nothing any more. */
    private volatile boolean isStopping;

    private volatile boolean isClosedByOwner;

    /** Belongs to the thread of the timer, as what follows. */
    private @Nullable String lastLeader;

    private long lastTerm = -1;
    private long lastFaultLineNanos;
    private boolean hasFaultLine;
    private long lastStepDownNanos;
    private long lastSnapshotNanos = System.nanoTime();
    private long lastSnapshotBytes;
    private boolean isTooFarBehind;

    private RaftNode(RaftSettings settings, Replica replica, RaftListener listener, GroupMachine.Maker maker)
            throws IOException {
        this.settings = settings;
        this.listener = listener;
        this.queue = new ApplyQueue(replica, timer, new QueueFaults());
        this.server = new RatisServer(settings, replica, queue, new MachineEvents(), maker);
    }

    /**
     * Starts a replica, which takes part in its group from then on.
     *
     * @throws IOException if its log cannot be opened, or its port is taken
     */
    public static RaftNode start(RaftSettings settings, Replica replica, RaftListener listener) throws IOException {
        return start(settings, replica, listener, GroupMachine::new);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // it runs as long as the timer
    static RaftNode start(RaftSettings settings, Replica replica, RaftListener listener, GroupMachine.Maker maker)
            throws IOException {
        Files.createDirectories(settings.folder());
        RaftNode node = new RaftNode(settings, replica, listener, maker);
        try {
            node.server.start();
        } catch (IOException | RuntimeException e) {
            node.isClosedByOwner = true;
            node.end();
            throw e;
        }
        node.timer.scheduleWithFixedDelay(
                new RepeatedTask(TIMER, node::watch), WATCH_MILLIS, WATCH_MILLIS, TimeUnit.MILLISECONDS);
        return node;
    }

    /** Whether as many bytes could be submitted now, by what is under way. */
    public boolean admits(int length) {
        return server.admits(length);
    }

    /**
     * Submits an entry.
     *
     * @param entry which {@link Replica#apply} of this node gets as the same object, if the node still leads then
     * @return what became of it; never completes exceptionally
     */
    CompletableFuture<SubmitOutcome> submit(LogEntry entry) {
        return submit(entry, ANY_TERM);
    }

    /**
     * Submits an entry for one term: if this node leads in another one by the time at which it would append the entry,
     * nothing is done. What a client was told of the state in that term thus still holds when the entry is applied.
     *
     * @param entry which {@link Replica#apply} of this node gets as the same object, if the node still leads then
     * @param term the only term in which the entry may be appended, or {@link #ANY_TERM}
     * @return what became of it; never completes exceptionally
     */
    public CompletableFuture<SubmitOutcome> submit(LogEntry entry, long term) {
        return server.submit(entry, term, isStopping);
    }

    /**
     * Finds out whether what the replica holds may be read: the reads that had arrived before the call, that is. While
     * the lease of the leader holds, no message is sent, and the future is complete unless entries wait to be applied.
     * Every entry that is applied renews the lease; where none are, a fence adds one that does nothing.
     *
     * @return whether it may; never completes exceptionally
     */
    public CompletableFuture<Boolean> fence() {
        return server.fence(isStopping);
    }

    /** Whether a {@link #fence} would hold at once, by the lease of the leader. */
    public boolean isCurrent() {
        return server.isCurrent(isStopping);
    }

    /** Whether this node leads and takes entries, as far as it knows. */
    public boolean isReady() {
        return !isStopping && server.isReady();
    }

    /** The id of the member that leads; null if nobody does, as far as is known. */
    public @Nullable String leader() {
        return server.leader();
    }

    /** The newest term that this node knows. */
    public long term() {
        return server.term();
    }

    /** What this node knows of its group. */
    public GroupStatus status() {
        return server.status();
    }

    /** The position of the newest entry that is applied here. */
    public long applied() {
        return server.applied();
    }

    /** How many other members are known to have the log up to a position; -1 if this node does not lead. */
    public int copies(long position) {
        return server.copies(position);
    }

    /** Hands the lead on, if this node has it. Another one is elected, or this one again if no other can. */
    public void stepDown() {
        server.stepDown();
    }

    /**
     * Has another member take over the lead, if this node has it, without an election that waits for a time-out. This
     * node refuses entries meanwhile.
     *
     * @return whether another one leads now; completes within two seconds, and never exceptionally
     */
    public CompletableFuture<Boolean> handOver() {
        return server.handOver(HAND_OVER_MILLIS).completeOnTimeout(false, 2 * HAND_OVER_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * Syncs the replica, and lets go of what the log no longer has to keep. The node does so itself from time to time.
     *
     * @return the newest entry that was synced
     */
    CompletableFuture<Long> snapshot() {
        return server.snapshot();
    }

    /** What Ratis does to itself when it cannot go on. */
    void closeServer() {
        server.close();
    }

    /**
     * Leaves the group. Entries that are committed are applied first if the replica can do that within a few seconds;
     * otherwise the next start goes on with them. Outcomes that are not known by then are unknown.
     */
    @Override
    public void close() {
        isClosedByOwner = true;
        if (begin()) {
            end();
        }
        ended.join();
    }

    private synchronized boolean begin() {
        boolean isFirst = !isStopping;
        isStopping = true;
        return isFirst;
    }

    /** Closes everything. Ratis waits for all entries that it has handed on, which a replica may be unable to apply. */
    @SuppressWarnings("FutureReturnValueIgnored") // the end of the timer takes it back
    private void end() {
        if (queue.hasFault()) {
            queue.close();
        }
        timer.schedule(queue::close, CLOSE_MILLIS, TimeUnit.MILLISECONDS);
        try {
            server.close();
        } catch (UncheckedIOException e) {
            LOG.log(Level.WARNING, "group " + settings.group() + ": cannot close the server of " + settings.self(), e);
        }
        queue.close();
        queue.idle().join(); // or the next node would read the mark, and then these entries would be applied
        server.failAll();
        timer.shutdownNow();
        ended.complete(null);
    }

    /** Ends the node by itself; not on a thread of Ratis or of the replica, which its end waits for. */
    private void stop(Throwable cause) {
        if (!begin()) {
            return;
        }
        LOG.log(
                Level.ERROR,
                "group " + settings.group() + ": the replica of " + settings.self() + " has stopped",
                cause);
        Thread.ofPlatform().daemon().name("penstock-raft-stop").start(() -> {
            queue.close();
            end();
            listener.onStopped(cause);
        });
    }

    private void later(Runnable task) {
        timer.execute(task);
    }

    /** Once a second. */
    @SuppressWarnings("FutureReturnValueIgnored") // a snapshot that fails is logged, and comes again
    private void watch() {
        if (isStopping) {
            return;
        }
        if (!server.isAlive()) {
            stop(new IllegalStateException("Ratis has closed its server"));
            return;
        }
        long now = System.nanoTime();
        long bytes = queue.appliedBytes();
        boolean isDue = now - lastSnapshotNanos > TimeUnit.MILLISECONDS.toNanos(SNAPSHOT_MILLIS);
        if (isDue || bytes - lastSnapshotBytes > SNAPSHOT_BYTES) {
            lastSnapshotNanos = now;
            lastSnapshotBytes = bytes;
            server.snapshot();
        }
        if (queue.hasFault()) {
            handOn(now);
        }
    }

    /** A leader that cannot apply acknowledges nothing. It may never be ready, as its own first entry waits too. */
    @SuppressWarnings("FutureReturnValueIgnored") // comes again
    private void handOn(long now) {
        boolean isDue =
                lastStepDownNanos == 0 || now - lastStepDownNanos > TimeUnit.MILLISECONDS.toNanos(STEP_DOWN_MILLIS);
        if (isDue && server.isLeader()) {
            lastStepDownNanos = now;
            handOver().thenAccept(isOver -> {
                if (!isOver) {
                    server.stepDown();
                }
            });
        }
    }

    private void leads(String leader, long term) {
        if (!leader.equals(lastLeader) || term != lastTerm) {
            lastLeader = leader;
            lastTerm = term;
            LOG.log(Level.INFO, "group " + settings.group() + ": " + leader + " leads in term " + term);
            listener.onLeader(leader, term);
        }
    }

    private void fault(Throwable cause) {
        long now = System.nanoTime();
        if (!hasFaultLine || now - lastFaultLineNanos > TimeUnit.MILLISECONDS.toNanos(FAULT_LINE_MILLIS)) {
            hasFaultLine = true;
            lastFaultLineNanos = now;
            LOG.log(
                    Level.WARNING,
                    "group " + settings.group() + ": " + settings.self() + " cannot apply what follows "
                            + queue.applied() + ", and tries again",
                    cause);
        }
        handOn(now);
        listener.onFault(cause);
    }

    private void recovery() {
        hasFaultLine = false;
        LOG.log(Level.INFO, "group " + settings.group() + ": " + settings.self() + " applies entries again");
        listener.onRecovery();
    }

    private void tooFarBehind() {
        if (!isTooFarBehind) {
            isTooFarBehind = true;
            LOG.log(
                    Level.ERROR,
                    "group " + settings.group() + ": " + settings.self() + " needs entries that no log has any more."
                            + " Replace its folders by copies of those of another node");
            listener.onTooFarBehind();
        }
    }

    private final class QueueFaults implements ApplyQueue.Faults {

        @Override
        public void onFault(Throwable cause) {
            later(() -> fault(cause));
        }

        @Override
        public void onRecovery() {
            later(RaftNode.this::recovery);
        }

        @Override
        public void onStop(Throwable cause) {
            stop(cause);
        }
    }

    private final class MachineEvents implements GroupMachine.Events {

        @Override
        public void onLeader(String leader) {
            long term = server.term();
            later(() -> leads(leader, term));
        }

        @Override
        public void onReady() {
            long term = server.term();
            later(() -> listener.onReady(term));
        }

        @Override
        public void onTooFarBehind() {
            later(RaftNode.this::tooFarBehind);
        }

        @Override
        public void onLogFailed(Throwable cause) {
            stop(cause);
        }

        @Override
        public void onShutdown() {
            if (!isClosedByOwner) {
                stop(new IllegalStateException("Ratis has closed its server"));
            }
        }
    }
}
