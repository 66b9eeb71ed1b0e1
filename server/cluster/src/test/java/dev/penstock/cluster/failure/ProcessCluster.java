package dev.penstock.cluster.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.cluster.ClusterMember;
import dev.penstock.cluster.FreePorts;
import dev.penstock.cluster.Polling;
import dev.penstock.cluster.history.HistoryChecker;
import dev.penstock.cluster.history.Operation;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.params.SetParams;

/** Three nodes in processes of their own, and clients that write down what they see. */
final class ProcessCluster implements AutoCloseable {

    static final int SIZE = 3;
    private static final int CLIENTS = 20;
    private static final int PROGRESS = 200;
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final long EXPIRY_MILLIS = 2000;
    /** The log goes on by an entry a second, and processors are busy. */
    private static final long SLACK_MILLIS = 3000;

    /** What is different about the nodes of a scenario. */
    interface Layout {

        default String host(int node) {
            return "127.0.0.1";
        }

        default Path folder(int node, Path usual) {
            return usual;
        }

        default List<String> prefix(int node) {
            return List.of();
        }
    }

    private final List<ClusterMember> members = new ArrayList<>();
    private final List<NodeProcess> nodes = new ArrayList<>();
    private final List<HistoryClient> clients = new ArrayList<>();
    private final HistoryClient.Load load;

    private ProcessCluster(Path folder, Layout layout, long seed) {
        Iterator<Integer> ports = FreePorts.take(2 * SIZE);
        for (int i = 0; i < SIZE; i++) {
            members.add(new ClusterMember("" + (char) ('a' + i), layout.host(i), ports.next(), ports.next()));
        }
        for (int i = 0; i < SIZE; i++) {
            nodes.add(new NodeProcess(
                    members.get(i),
                    members,
                    layout.folder(i, folder.resolve("node" + i)),
                    layout.prefix(i),
                    folder.resolve("node" + i + ".log")));
        }
        load = new HistoryClient.Load(members, seed);
    }

    /** Starts the nodes, and then the clients. */
    static ProcessCluster start(Path folder, Layout layout) throws Exception {
        long seed = Long.getLong("penstock.seed", System.nanoTime());
        System.out.println("FailureIT: -Dpenstock.seed=" + seed);
        ProcessCluster cluster = new ProcessCluster(folder, layout, seed);
        try {
            for (NodeProcess node : cluster.nodes) {
                node.start();
            }
            cluster.leader();
            for (int i = 0; i < CLIENTS; i++) {
                HistoryClient client = new HistoryClient(i, cluster.load);
                cluster.clients.add(client);
                client.start();
            }
            cluster.awaitProgress("a start");
        } catch (Exception | Error e) {
            cluster.close();
            throw e;
        }
        return cluster;
    }

    NodeProcess node(int node) {
        return nodes.get(node);
    }

    private Jedis connect(int node) {
        ClusterMember member = members.get(node);
        return new Jedis(member.host(), member.port(), 2000);
    }

    /** Waits for a node that serves. */
    int leader() throws Exception {
        int[] leader = new int[1];
        await("a leader", () -> {
            for (int i = 0; i < SIZE; i++) {
                if (nodes.get(i).isRunning() && serves(i)) {
                    leader[0] = i;
                    return true;
                }
            }
            return false;
        });
        return leader[0];
    }

    private boolean serves(int node) {
        try (Jedis connection = connect(node)) {
            connection.get("key of nobody");
            return true;
        } catch (JedisException e) {
            return false;
        }
    }

    /** Waits until clients have got so many replies that they can only have got from now on; they take new keys. */
    void awaitProgress(String what) throws Exception {
        load.nextPhase();
        long before = load.replies();
        await("replies after " + what, () -> load.replies() > before + PROGRESS);
    }

    /** The clients go on for a while, whatever becomes of their requests. */
    void run(long millis) throws Exception {
        TimeUnit.MILLISECONDS.sleep(millis); // the time is the scenario, and nothing is waited for
        load.nextPhase();
    }

    /**
     * A value expires when its time has passed, at the node that leads. Where its clock is behind the log, that may be
     * twice the time.
     */
    void checkExpiry() throws Exception {
        int leader = leader();
        try (Jedis connection = connect(leader)) {
            long before = System.nanoTime();
            connection.set("expiring", "value", SetParams.setParams().px(EXPIRY_MILLIS));
            long after = System.nanoTime();
            long left = connection.pttl("expiring");
            assertTrue(left > EXPIRY_MILLIS / 2 && left <= EXPIRY_MILLIS, left + " ms are left");
            await("the end of a value", () -> !connection.exists("expiring"));
            long leastMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before);
            long mostMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - after);
            String seen = leastMillis + " ms, node " + leader;
            assertTrue(leastMillis >= EXPIRY_MILLIS - 1, "it expired too early: after " + seen);
            assertTrue(mostMillis <= 2 * EXPIRY_MILLIS + SLACK_MILLIS, "it expired too late: after " + seen);
        }
    }

    private void await(String what, Callable<Boolean> condition) throws Exception {
        Polling.await(what, LIMIT, condition, this::logs);
    }

    private String logs() throws IOException {
        StringBuilder logs = new StringBuilder("\n" + load + "\n");
        for (int i = 0; i < SIZE; i++) {
            logs.append(nodes.get(i).log()).append(replication(i)).append('\n');
        }
        return logs.toString();
    }

    private String replication(int node) {
        try (Jedis connection = connect(node)) {
            return connection.info("replication");
        } catch (JedisException e) {
            return e.toString();
        }
    }

    /** Ends everything, and checks what the clients saw and what the nodes have. */
    void check() throws Exception {
        load.stop();
        List<Operation> history = new ArrayList<>();
        for (HistoryClient client : clients) {
            history.addAll(client.history());
        }
        assertEquals(List.of(), load.unexpected());
        int leader = leader();
        await("nodes that are equally far", this::areEquallyFar);
        for (int i = 1; i <= SIZE; i++) {
            nodes.get((leader + i) % SIZE).stop();
        }
        System.out.println("FailureIT: " + load);
        assertEquals(Optional.empty(), HistoryChecker.check(history));
        Map<String, SortedMap<String, String>> contents = new TreeMap<>();
        for (NodeProcess node : nodes) {
            try (Store store = Store.open(node.folder().resolve("store"), StoreOptions.defaults())) {
                SortedMap<String, String> found = contents(store);
                SortedMap<String, String> other =
                        contents.putIfAbsent(HexFormat.of().formatHex(store.mark()), found);
                assertTrue(other == null || other.equals(found), "two nodes are equally far and differ");
            }
        }
        assertTrue(contents.size() < SIZE, "no two nodes are equally far");
    }

    /** Whether all nodes have executed all that is committed. */
    private boolean areEquallyFar() {
        Set<String> positions = new HashSet<>();
        for (int i = 0; i < SIZE; i++) {
            try (Jedis connection = connect(i)) {
                connection
                        .info("replication")
                        .lines()
                        .filter(line -> line.startsWith("group_committed:") || line.startsWith("group_applied:"))
                        .map(line -> line.substring(line.indexOf(':')))
                        .forEach(positions::add);
            } catch (JedisException e) {
                return false;
            }
        }
        return positions.size() == 1;
    }

    private static SortedMap<String, String> contents(Store store) {
        SortedMap<String, String> contents = new TreeMap<>();
        store.forEach((key, value) -> contents.put(
                new String(key, StandardCharsets.ISO_8859_1),
                new String(value.toByteArray(), StandardCharsets.ISO_8859_1)));
        return contents;
    }

    @Override
    public void close() {
        load.stop();
        for (NodeProcess node : nodes) {
            if (node.isRunning()) {
                node.kill();
            }
        }
    }
}
