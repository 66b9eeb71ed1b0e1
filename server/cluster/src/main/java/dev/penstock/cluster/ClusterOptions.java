package dev.penstock.cluster;

import dev.penstock.cluster.raft.RaftSettings;
import dev.penstock.server.ServerOptions;
import dev.penstock.store.StoreOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Options of a node of a cluster. Start from {@link #of} and change what differs; each {@code with} method returns new
 * options, and throws {@link IllegalArgumentException} if a value is out of range. Immutable and thread-safe.
 */
public final class ClusterOptions {

    private static final String DEFAULT_GROUP = "penstock";
    private static final Duration DEFAULT_LONGEST_WAIT = Duration.ofSeconds(2);
    /** Any entry fits in a segment of this size. */
    private static final long MIN_SEGMENT_SIZE = 32L << 20;

    private final ClusterMember self;
    private final List<ClusterMember> members;
    private final Path folder;
    private final String group;
    private final Duration electionTimeout;
    private final Duration longestWait;
    private final ServerOptions server;
    private final StoreOptions store;
    private final ClusterListener listener;

    private ClusterOptions(
            ClusterMember self,
            List<ClusterMember> members,
            Path folder,
            String group,
            Duration electionTimeout,
            Duration longestWait,
            ServerOptions server,
            StoreOptions store,
            ClusterListener listener) {
        this.self = self;
        this.members = members;
        this.folder = folder;
        this.group = group;
        this.electionTimeout = electionTimeout;
        this.longestWait = longestWait;
        this.server = server;
        this.store = store;
        this.listener = listener;
    }

    /**
     * Returns the default options of a node.
     *
     * @param self the id of the node, which is one of the members
     * @param members all nodes, the same on each of them; an odd number, so that more than half of them can agree
     * @param folder the node's directory, created if it is missing: {@code store} in it has the keys, {@code raft} the
     *     log
     * @return the default options
     */
    public static ClusterOptions of(String self, List<ClusterMember> members, Path folder) {
        ClusterMember found = members.stream()
                .filter(member -> member.id().equals(self))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("node " + self + " is not among the members"));
        if (members.size() % 2 == 0) {
            throw new IllegalArgumentException("a cluster has an odd number of nodes, not " + members.size());
        }
        if (members.stream().map(ClusterMember::id).distinct().count() < members.size()) {
            throw new IllegalArgumentException("two nodes have one id");
        }
        return new ClusterOptions(
                found,
                List.copyOf(members),
                folder,
                DEFAULT_GROUP,
                Duration.ofMillis(RaftSettings.DEFAULT_ELECTION_TIMEOUT_MILLIS),
                DEFAULT_LONGEST_WAIT,
                ServerOptions.defaults(),
                StoreOptions.defaults(),
                (leader, term) -> {});
    }

    /**
     * Sets the name of the cluster. Nodes of different clusters do not understand each other.
     *
     * @param name the name, the same on all nodes
     * @return the changed options
     */
    public ClusterOptions withGroup(String name) {
        return new ClusterOptions(self, members, folder, name, electionTimeout, longestWait, server, store, listener);
    }

    /**
     * Sets how long a node waits for its leader before it stands for election. It waits up to twice as long.
     *
     * @param timeout from 100 ms to 60 s; 500 ms by default
     * @return the changed options
     */
    public ClusterOptions withElectionTimeout(Duration timeout) {
        if (timeout.toMillis() < 100 || timeout.toMillis() > 60_000) {
            throw new IllegalArgumentException("the election timeout must be 100 ms to 60 s, not " + timeout);
        }
        return new ClusterOptions(self, members, folder, group, timeout, longestWait, server, store, listener);
    }

    /**
     * Sets how long a request waits while there is no leader, before it is refused with {@code CLUSTERDOWN}.
     *
     * @param wait 2 s by default
     * @return the changed options
     */
    public ClusterOptions withLongestWait(Duration wait) {
        if (wait.isNegative()) {
            throw new IllegalArgumentException("requests cannot wait for " + wait);
        }
        return new ClusterOptions(self, members, folder, group, electionTimeout, wait, server, store, listener);
    }

    /**
     * Sets how clients are served.
     *
     * @param options as of a server alone. The port is that of the member, and there is one event loop
     * @return the changed options
     */
    public ClusterOptions withServer(ServerOptions options) {
        return new ClusterOptions(self, members, folder, group, electionTimeout, longestWait, options, store, listener);
    }

    /**
     * Sets how the store is opened.
     *
     * @param options as of a store alone, with segments of 32 MiB or more. The clock is that of the log
     * @return the changed options
     */
    public ClusterOptions withStore(StoreOptions options) {
        if (options.segmentSize() < MIN_SEGMENT_SIZE) {
            throw new IllegalArgumentException("a node of a cluster takes segments of 32 MiB or more");
        }
        return new ClusterOptions(
                self, members, folder, group, electionTimeout, longestWait, server, options, listener);
    }

    /**
     * Sets the listener for changes of the leader.
     *
     * @param listener called on a thread of the node, which it must not block
     * @return the changed options
     */
    public ClusterOptions withListener(ClusterListener listener) {
        return new ClusterOptions(self, members, folder, group, electionTimeout, longestWait, server, store, listener);
    }

    /** {@return the node that is started} */
    public ClusterMember self() {
        return self;
    }

    /** {@return all nodes} */
    public List<ClusterMember> members() {
        return members;
    }

    /** {@return the node's directory} */
    public Path folder() {
        return folder;
    }

    Duration longestWait() {
        return longestWait;
    }

    ServerOptions server() {
        return server.withPort(self.port());
    }

    StoreOptions store() {
        return store;
    }

    String group() {
        return group;
    }

    /** The node with an id, which is one of the members. */
    ClusterMember member(String id) {
        return members.stream()
                .filter(member -> member.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    ClusterListener listener() {
        return listener;
    }

    Path storeFolder() {
        return folder.resolve("store");
    }

    RaftSettings raft() {
        return new RaftSettings(
                self.id(),
                members.stream().map(ClusterMember::toRaft).toList(),
                group,
                folder.resolve("raft"),
                (int) electionTimeout.toMillis(),
                true,
                true);
    }
}
