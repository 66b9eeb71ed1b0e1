package dev.penstock.cluster;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.ServerOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisCluster;

/** Three nodes in this JVM, on the loopback address. They stop and start again on their folders. */
final class TestCluster implements AutoCloseable {

    static final int SIZE = 3;
    static final long LIMIT_SECONDS = 60;

    /** What the stores of some nodes have when they are equally far in the log. */
    private record State(ReplicaMark mark, SortedMap<String, String> contents) {}

    private final Path folder;
    private final List<ClusterMember> members = new ArrayList<>();
    private final ClusterServer[] nodes = new ClusterServer[SIZE];

    private TestCluster(Path folder) {
        this.folder = folder;
        Iterator<Integer> ports = FreePorts.take(2 * SIZE);
        for (int i = 0; i < SIZE; i++) {
            members.add(new ClusterMember("" + (char) ('a' + i), "127.0.0.1", ports.next(), ports.next()));
        }
    }

    static TestCluster start(Path folder) throws Exception {
        return start(folder, new ClusterServer.Parts() {});
    }

    /** @param parts with what breaks a rule, of the last node, which follows at first */
    static TestCluster start(Path folder, ClusterServer.Parts parts) throws Exception {
        TestCluster cluster = new TestCluster(folder);
        try {
            for (int i = 0; i < SIZE - 1; i++) {
                cluster.start(i);
            }
            cluster.leader();
            cluster.nodes[SIZE - 1] = ClusterServer.start(cluster.options(SIZE - 1), parts);
        } catch (Exception e) {
            cluster.close();
            throw e;
        }
        return cluster;
    }

    ClusterOptions options(int node) {
        return ClusterOptions.of(members.get(node).id(), members, folder.resolve("node" + node))
                .withLongestWait(Duration.ofSeconds(LIMIT_SECONDS / 3)) // a slow machine is no fault
                .withServer(ServerOptions.defaults().withBind(List.of("127.0.0.1")));
    }

    void start(int node) throws IOException {
        nodes[node] = ClusterServer.start(options(node));
    }

    void start(int node, ClusterListener listener) throws IOException {
        nodes[node] = ClusterServer.start(options(node).withListener(listener));
    }

    void stop(int node) {
        ClusterServer stopped = nodes[node];
        nodes[node] = null;
        if (stopped != null) {
            stopped.close();
        }
    }

    ClusterServer node(int node) {
        return nodes[node];
    }

    /** Waits for a node that leads and serves. */
    int leader() throws Exception {
        int[] leader = new int[1];
        Polling.await("a leader", () -> {
            for (int i = 0; i < SIZE; i++) {
                if (nodes[i] != null && nodes[i].isLeading()) {
                    leader[0] = i;
                    return true;
                }
            }
            return false;
        });
        return leader[0];
    }

    /** A node that does not lead, and knows who does. */
    int follower() throws Exception {
        int leader = leader();
        int follower = (leader + 1) % SIZE;
        Polling.await(
                "a follower that knows its leader",
                () -> nodes[follower].leader().equals(nodes[leader].leader())
                        && nodes[follower].leader().isPresent());
        return follower;
    }

    /** A connection to one node. */
    Jedis connect(int node) {
        return new Jedis("127.0.0.1", members.get(node).port(), (int) TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
    }

    /** A client that knows all nodes. It sends nothing again because a reply is late. */
    JedisCluster client() {
        Set<HostAndPort> seeds = members.stream()
                .map(member -> new HostAndPort(member.host(), member.port()))
                .collect(Collectors.toSet());
        return new JedisCluster(seeds, (int) TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
    }

    private State state(ClusterServer node) {
        SortedMap<String, String> contents = new TreeMap<>();
        ReplicaMark mark = ReplicaMark.of(node.store().mark());
        node.store()
                .forEach((key, value) -> contents.put(
                        new String(key, StandardCharsets.ISO_8859_1),
                        value.expiry() + " " + new String(value.toByteArray(), StandardCharsets.ISO_8859_1)));
        return new State(mark, contents);
    }

    /** What the stores of all nodes that run have, when each of them is equally far in the log. */
    List<SortedMap<String, String>> contents() throws Exception {
        List<SortedMap<String, String>> contents = new ArrayList<>();
        Polling.await("nodes that are equally far", () -> {
            List<ClusterServer> running =
                    Arrays.stream(nodes).filter(Objects::nonNull).toList();
            List<State> states = running.stream().map(this::state).toList();
            List<ReplicaMark> after = running.stream()
                    .map(node -> ReplicaMark.of(node.store().mark()))
                    .toList();
            contents.clear();
            states.forEach(state -> contents.add(state.contents()));
            return states.stream()
                                    .map(state -> state.mark().position())
                                    .distinct()
                                    .count()
                            == 1
                    && states.stream().map(State::mark).toList().equals(after);
        });
        return contents;
    }

    /** Waits until all nodes that run are equally far, and finds them equal: keys, values and expiries. */
    SortedMap<String, String> equalContents() throws Exception {
        List<SortedMap<String, String>> contents = contents();
        assertTrue(contents.stream().distinct().count() == 1, contents::toString);
        return contents.getFirst();
    }

    @Override
    public void close() {
        for (int i = 0; i < SIZE; i++) {
            stop(i);
        }
    }
}
