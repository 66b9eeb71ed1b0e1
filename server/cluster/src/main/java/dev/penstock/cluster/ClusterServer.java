package dev.penstock.cluster;

import dev.penstock.cluster.raft.GroupStatus;
import dev.penstock.cluster.raft.MemberStatus;
import dev.penstock.cluster.raft.RaftListener;
import dev.penstock.cluster.raft.RaftNode;
import dev.penstock.cluster.raft.RaftSettings;
import dev.penstock.cluster.raft.RepeatedTask;
import dev.penstock.cluster.raft.Replica;
import dev.penstock.server.PenstockServer;
import dev.penstock.server.shard.ClusterNode;
import dev.penstock.server.shard.EntryClock;
import dev.penstock.server.shard.GroupState;
import dev.penstock.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A node of a cluster: a store, a server for its clients, and a replica of the log by which the nodes agree on what
 * clients write. More than half of the nodes have to run. One of them leads; clients that ask another one are sent
 * there.
 *
 * <pre>{@code
 * List<ClusterMember> members = List.of(
 *         new ClusterMember("a", "10.0.0.1", 6380, 16380),
 *         new ClusterMember("b", "10.0.0.2", 6380, 16380),
 *         new ClusterMember("c", "10.0.0.3", 6380, 16380));
 * try (ClusterServer node = ClusterServer.start(ClusterOptions.of("a", members, directory))) {
 *     node.awaitStop();
 * }
 * }</pre>
 *
 * <p>What is acknowledged is on the devices of more than half of the nodes, and executed by the leader. A node whose
 * store has failed stops; {@link #failure} says why.
 *
 * <p>Thread-safe.
 */
public final class ClusterServer implements AutoCloseable {

    private static final String THREAD = "penstock-cluster";
    private static final long LOOK_MILLIS = 100;
    private static final long TICK_MILLIS = 1000;
    private static final long SETTLE_MILLIS = 1000;
    private static final Duration DRAIN = Duration.ofSeconds(2);

    /** What a node is made of, so that a test can put a part in its place that breaks a rule. */
    interface Parts {

        default Replica replica(Replica executing) {
            return executing;
        }

        default RaftNode node(RaftSettings settings, Replica replica, RaftListener listener) throws IOException {
            return RaftNode.start(settings, replica, listener);
        }
    }

    private final ClusterOptions options;
    private final Store store;
    private final ExecutingReplica executing;
    private final GroupView view;
    private final MemberProbe probe;
    private final GroupLog log;
    private final GroupNode node;
    private final ScheduledExecutorService timer = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name(THREAD).factory(), new ThreadPoolExecutor.DiscardPolicy());
    private final RepeatedTask look = new RepeatedTask(THREAD, this::look);
    private volatile @Nullable PenstockServer server;
    private volatile @Nullable Throwable failure;
    private volatile boolean isClosing;

    /** Belong to the thread of the timer. */
    private boolean isBeginning;

    private boolean isTicking;
    private long lastTickNanos = System.nanoTime();

    private ClusterServer(ClusterOptions options, Store store, EntryClock clock, Parts parts) {
        this.options = options;
        this.store = store;
        this.view = new GroupView(options, this::groupState);
        this.probe = new MemberProbe(
                options.self().id(), options.raft().electionTimeoutMillis(), this::knownStatus, view::showUnreachable);
        this.log = new GroupLog(clock, this::show);
        this.executing = new ExecutingReplica(store, clock, log);
        Replica replica = parts.replica(executing);
        this.node = new GroupNode(
                options.self().id(),
                listener -> {
                    RaftNode started = parts.node(options.raft(), replica, listener);
                    log.use(started);
                    return started;
                },
                replica::hasFailed,
                look,
                this::fail,
                timer);
    }

    /**
     * Starts a node. When this method returns, clients can connect; their requests wait for a leader.
     *
     * @param options the node, its cluster and its directory
     * @return the running node
     * @throws IOException if a port is taken, or a directory cannot be used
     */
    public static ClusterServer start(ClusterOptions options) throws IOException {
        return start(options, new Parts() {});
    }

    static ClusterServer start(ClusterOptions options, Parts parts) throws IOException {
        NodeFolder.claim(options);
        EntryClock clock = new EntryClock();
        Store store = Store.open(options.storeFolder(), options.store().withClock(clock));
        ClusterServer started;
        try {
            NodeFolder.requireLog(options, store.mark());
            started = new ClusterServer(options, store, clock, parts);
        } catch (IOException | RuntimeException e) {
            store.close();
            throw e;
        }
        try {
            started.begin();
        } catch (IOException | RuntimeException e) {
            started.close();
            throw e;
        }
        return started;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // it runs as long as the timer
    private void begin() throws IOException {
        node.start();
        PenstockServer serving = PenstockServer.start(store, view.router(), log, options.server());
        server = serving;
        if (failure != null) {
            serving.stop(Duration.ZERO);
        }
        timer.scheduleWithFixedDelay(look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        probe.start();
    }

    /** Ten times a second, and when there is news. */
    @SuppressWarnings("FutureReturnValueIgnored") // what goes wrong comes again
    private void look() {
        RaftNode current = node.get();
        if (current == null) {
            return;
        }
        show();
        if (isClosing || !current.isReady()) {
            return;
        }
        if (!log.isServing()) {
            if (!isBeginning) {
                CompletableFuture<?> begun = log.begin();
                isBeginning = true;
                begun.thenRunAsync(this::begun, timer);
            }
            return;
        }
        long now = System.nanoTime();
        boolean isDue = now - lastTickNanos >= TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS);
        if (isDue && !isTicking && store.expiringCount() > 0) {
            lastTickNanos = now;
            CompletableFuture<?> ticked = log.tick();
            isTicking = true;
            ticked.thenRunAsync(() -> isTicking = false, timer);
        }
    }

    private void begun() {
        isBeginning = false;
        show();
    }

    /** Tells the router who leads. Any thread. */
    private void show() {
        RaftNode current = node.get();
        if (current == null) {
            return;
        }
        String leader = current.leader();
        boolean isSelf = options.self().id().equals(leader);
        view.show(leader, !isSelf || log.isServing(), current.term());
    }

    private void fail(Throwable cause) {
        failure = cause;
        PenstockServer serving = server;
        if (serving != null) {
            serving.stop(Duration.ZERO);
        }
    }

    /** {@return the port that clients connect to} */
    public int port() {
        return options.self().port();
    }

    /** {@return the port of the status page, the metrics and the probes; empty if there is none} */
    public OptionalInt metricsPort() {
        PenstockServer serving = server;
        return serving == null ? OptionalInt.empty() : serving.metricsPort();
    }

    /** {@return whether all threads that serve clients make progress, as {@code /livez} reports} */
    public boolean isLive() {
        PenstockServer serving = server;
        return serving != null && serving.isLive();
    }

    /** {@return the id of the node that leads; empty if that is not known at present} */
    public Optional<String> leader() {
        RaftNode current = node.get();
        return current == null ? Optional.empty() : Optional.ofNullable(current.leader());
    }

    /** {@return whether this node leads, and executes what clients write} */
    public boolean isLeading() {
        return log.isServing();
    }

    /**
     * Returns why the node has stopped.
     *
     * @return empty while it runs, and if it was told to stop
     */
    public Optional<Throwable> failure() {
        return Optional.ofNullable(failure);
    }

    private @Nullable GroupStatus knownStatus() {
        RaftNode current = node.get();
        if (current == null || isClosing) {
            return null;
        }
        try {
            return current.status();
        } catch (RuntimeException e) {
            return null; // it has stopped by itself, and another one starts in a moment
        }
    }

    /** As the reports of the server show it. */
    private GroupState groupState() {
        GroupStatus status = knownStatus();
        if (status == null) {
            return new GroupState(options.group(), options.self().id(), null, false, 0, 0, 0, 0, false, List.of());
        }
        ClusterNode leader = null;
        List<GroupState.Other> others = new ArrayList<>();
        for (MemberStatus member : status.members()) {
            ClusterMember found = options.member(member.member().id());
            ClusterNode shown = view.node(found);
            if (found.id().equals(status.leader())) {
                leader = shown;
            }
            if (!found.id().equals(options.self().id())) {
                others.add(new GroupState.Other(shown, member.commitIndex(), member.silentMillis()));
            }
        }
        return new GroupState(
                options.group(),
                options.self().id(),
                leader,
                log.isServing(),
                status.term(),
                status.commitIndex(),
                status.appliedIndex(),
                status.waiting(),
                status.hasFault(),
                others);
    }

    /** What the node knows of its group. */
    GroupStatus status() {
        return raft().status();
    }

    RaftNode raft() {
        RaftNode current = node.get();
        if (current == null) {
            throw new IllegalStateException("the node has not started");
        }
        return current;
    }

    Store store() {
        return store;
    }

    /**
     * Waits until the node has stopped serving clients: because of {@link #close}, a client's SHUTDOWN, or a failure.
     *
     * @throws InterruptedException if the calling thread is interrupted
     */
    public void awaitStop() throws InterruptedException {
        PenstockServer serving = server;
        if (serving != null) {
            serving.awaitStop();
        }
    }

    /**
     * Leaves the cluster, and closes the store. A leader has another node take over first, so that clients wait for
     * milliseconds and not for an election.
     */
    @Override
    public synchronized void close() {
        if (isClosing) {
            return;
        }
        isClosing = true;
        CompletableFuture<Void> settled = log.end();
        show(); // requests wait for the next leader from here on
        RaftNode current = node.get();
        boolean isOver = current != null
                && settled.completeOnTimeout(null, SETTLE_MILLIS, TimeUnit.MILLISECONDS)
                        .thenCompose(_ -> current.handOver())
                        .join();
        show();
        // Ratis takes up to an election timeout to end, and the server a second for clients that were heard lately. A
        // node that could not hand the lead on shows who leads meanwhile.
        Thread leaving = Thread.ofPlatform().daemon().name("penstock-leave").unstarted(node::close);
        if (isOver) {
            leaving.start();
        }
        probe.close();
        PenstockServer serving = server;
        if (serving != null) {
            serving.stop(DRAIN);
        }
        node.close(); // waits for the other thread
        timer.shutdown();
        executing.close();
        store.close();
    }
}
