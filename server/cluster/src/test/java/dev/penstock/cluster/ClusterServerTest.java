package dev.penstock.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.cluster.entry.LogEntry;
import dev.penstock.cluster.entry.LogEntryReader;
import dev.penstock.cluster.entry.LogEntryWriter;
import dev.penstock.cluster.raft.ClosedByRatis;
import dev.penstock.cluster.raft.CommittedEntry;
import dev.penstock.cluster.raft.LogPosition;
import dev.penstock.cluster.raft.RaftListener;
import dev.penstock.cluster.raft.RaftNode;
import dev.penstock.cluster.raft.RaftSettings;
import dev.penstock.cluster.raft.Replica;
import dev.penstock.cluster.raft.UnappliedEntryException;
import dev.penstock.store.CorruptionException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisMovedDataException;
import redis.clients.jedis.params.SetParams;

/** Three servers are one store to their clients, and survive the loss of one. */
class ClusterServerTest {

    private static final long FAILOVER_SECONDS = 10;

    @TempDir
    Path folder;

    @Test
    void whatAClientWritesAtAnyNodeIsOnAllNodes() throws Exception {
        try (TestCluster cluster = TestCluster.start(folder);
                JedisCluster client = cluster.client()) {
            assertEquals("OK", client.set("greeting", "hello"));
            assertEquals("hello", client.get("greeting"));
            for (int i = 1; i <= 20; i++) {
                assertEquals(i, client.incr("counter"));
            }
            client.set("long", "lived", SetParams.setParams().ex(1000));
            int leader = cluster.leader();
            try (Jedis connection = cluster.connect(leader)) {
                Transaction transaction = connection.multi();
                transaction.set("{t}a", "1");
                Response<String> read = transaction.get("{t}a");
                Response<Long> counted = transaction.incr("{t}a");
                assertEquals(3, transaction.exec().size());
                assertEquals("1", read.get());
                assertEquals(2, counted.get());

                Pipeline pipeline = connection.pipelined();
                List<Response<String>> reads = new ArrayList<>();
                for (int i = 0; i < 200; i++) {
                    pipeline.set("pipelined" + i, "value" + i);
                    reads.add(pipeline.get("pipelined" + i));
                }
                pipeline.sync();
                for (int i = 0; i < reads.size(); i++) {
                    assertEquals("value" + i, reads.get(i).get());
                }

                connection.watch("counter");
                client.incr("counter");
                Transaction late = connection.multi();
                late.set("counter", "0");
                assertNull(late.exec());
                assertEquals("21", connection.get("counter"));
            }
            client.set("short", "lived", SetParams.setParams().px(1));
            // Nobody writes or reads, and time passes all the same.
            byte[] key = "short".getBytes(StandardCharsets.ISO_8859_1);
            Polling.await(
                    "the end of a value", () -> cluster.node(leader).store().getBytes(key) == null);
            SortedMap<String, String> contents = cluster.equalContents();
            assertEquals("null 21", contents.get("counter"));
            assertEquals("null 2", contents.get("{t}a"));
            assertEquals("null value199", contents.get("pipelined199"));
            assertFalse(contents.containsKey("short"));
            assertTrue(
                    Instant.parse(contents.get("long").replaceFirst(" .*", "")).isAfter(Instant.now()));
        }
    }

    @Test
    void everyNodeShowsWhichOneIsNotReachable() throws Exception {
        try (TestCluster cluster = TestCluster.start(folder);
                JedisCluster client = cluster.client()) {
            client.set("key", "value");
            int leader = cluster.leader();
            int follower = cluster.follower();
            int gone = TestCluster.SIZE - leader - follower;
            try (Jedis atLeader = cluster.connect(leader);
                    Jedis atFollower = cluster.connect(follower)) {
                String address = "127.0.0.1:" + cluster.node(gone).port();
                for (Jedis connection : List.of(atLeader, atFollower)) {
                    Polling.await(
                            "nodes that hear of each other",
                            () -> !connection.clusterNodes().contains("fail"));
                }
                cluster.stop(gone);
                for (Jedis connection : List.of(atLeader, atFollower)) {
                    Polling.await(
                            "a node that is shown as gone",
                            () -> connection
                                    .clusterNodes()
                                    .matches("(?s).* " + address + "@\\d+ slave,fail [^\n]* disconnected\n.*"));
                }
                assertTrue(atLeader.info("replication").contains("state=offline"), atLeader.info("replication"));
                String following = atFollower.info("replication");
                assertTrue(following.contains("master_link_status:up"), following);
                assertTrue(
                        following.contains(
                                "group_term:" + cluster.node(leader).status().term()),
                        following);

                cluster.start(gone);
                for (Jedis connection : List.of(atLeader, atFollower)) {
                    Polling.await(
                            "a node that is back",
                            () -> !connection.clusterNodes().contains("fail"));
                }
            }
        }
    }

    @Test
    void aFollowerSendsClientsToTheLeader() throws Exception {
        try (TestCluster cluster = TestCluster.start(folder);
                JedisCluster client = cluster.client()) {
            client.set("key", "value");
            int leader = cluster.leader();
            try (Jedis connection = cluster.connect(cluster.follower())) {
                JedisMovedDataException moved =
                        assertThrows(JedisMovedDataException.class, () -> connection.set("key", "other"));
                assertEquals(cluster.node(leader).port(), moved.getTargetNode().getPort());
                assertThrows(JedisMovedDataException.class, () -> connection.get("key"));
                String info = connection.clusterInfo();
                assertTrue(info.contains("cluster_state:ok"), info);
                assertTrue(info.contains("cluster_slots_ok:16384"), info);
                assertTrue(info.contains("cluster_known_nodes:3"), info);
                List<?> ranges = (List<?>) connection.sendCommand(Protocol.Command.CLUSTER, "SLOTS");
                assertEquals(1, ranges.size());
                List<?> range = (List<?>) ranges.getFirst();
                assertEquals(List.of(0L, 16383L), range.subList(0, 2));
                assertEquals(
                        (long) cluster.node(leader).port(), ((List<?>) range.get(2)).get(1), "the leader is first");
                assertEquals(2 + TestCluster.SIZE, range.size());
                assertEquals(3, connection.clusterNodes().lines().count());
                assertEquals(1, connection.clusterShards().size());
            }
            assertEquals("value", client.get("key"));
        }
    }

    @Test
    void whenTheLeaderStopsAnotherOneServesAndNothingAcknowledgedIsLost() throws Exception {
        try (TestCluster cluster = TestCluster.start(folder);
                JedisCluster client = cluster.client()) {
            List<String> acknowledged = new ArrayList<>();
            while (acknowledged.size() < 50) {
                write(client, acknowledged);
            }
            int leader = cluster.leader();
            int before = acknowledged.size();
            long start = System.nanoTime();
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> cluster.stop(leader));
            Polling.await("another leader", () -> {
                write(client, acknowledged);
                return stopped.isDone() && cluster.leader() != leader;
            });
            stopped.get(TestCluster.LIMIT_SECONDS, TimeUnit.SECONDS);
            int then = acknowledged.size();
            Polling.await("a write", () -> write(client, acknowledged) && acknowledged.size() > then);
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
            assertTrue(seconds < FAILOVER_SECONDS, seconds + " s");
            assertTrue(acknowledged.size() > before);
            assertNotEquals(leader, cluster.leader());
            SortedMap<String, String> contents = cluster.equalContents();
            acknowledged.forEach(key -> assertTrue(contents.containsKey(key), key));

            cluster.start(leader);
            assertEquals(contents.keySet(), cluster.equalContents().keySet(), "it catches up");
        }
    }

    /** Entries under way are settled before the lead is handed on, and requests wait for the next leader. */
    @Test
    void noClientSeesThatTheLeaderIsClosed() throws Exception {
        try (TestCluster cluster = TestCluster.start(folder);
                JedisCluster client = cluster.client()) {
            long[] count = {client.incr("counter")};
            int leader = cluster.leader();
            cluster.follower();
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> cluster.stop(leader));
            Polling.await("another leader", () -> {
                assertEquals(++count[0], client.incr("counter"));
                return stopped.isDone();
            });
            assertEquals(++count[0], client.incr("counter"));
        }
    }

    /** Writes a new key; true if that was acknowledged. A key of another outcome is not written again. */
    private boolean write(JedisCluster client, List<String> acknowledged) {
        String key = "key" + written++;
        try {
            client.set(key, "v");
            acknowledged.add(key);
            return true;
        } catch (JedisException e) {
            return false;
        }
    }

    private int written;

    @Test
    void waitCountsTheNodesThatHaveTheWritesBeforeIt() throws Exception {
        try (TestCluster cluster = TestCluster.start(folder);
                Jedis connection = cluster.connect(cluster.leader())) {
            connection.set("key", "value");
            assertEquals(2, connection.waitReplicas(2, 0));
            int follower = cluster.follower();
            cluster.stop(follower);
            connection.set("key", "other");
            assertEquals(1, connection.waitReplicas(1, 0));
            assertEquals(1, connection.waitReplicas(2, 20));
            cluster.start(follower);
            assertEquals(2, connection.waitReplicas(2, 0));
            try (Jedis atFollower = cluster.connect(follower)) {
                JedisDataException refused =
                        assertThrows(JedisDataException.class, () -> atFollower.waitReplicas(1, 0));
                assertEquals("ERR WAIT cannot be used with replica instances", refused.getMessage());
            }
        }
    }

    /** It could vote twice in a term. */
    @Test
    void aNodeThatLostItsLogIsNotStarted() throws Exception {
        try (TestCluster cluster = TestCluster.start(folder);
                JedisCluster client = cluster.client()) {
            client.set("key", "value");
            cluster.equalContents();
            int node = cluster.follower();
            cluster.stop(node);
            Path log = folder.resolve("node" + node).resolve("raft");
            Path elsewhere = folder.resolve("elsewhere");
            Files.move(log, elsewhere);
            IOException missing = assertThrows(IOException.class, () -> cluster.start(node));
            assertTrue(missing.getMessage().startsWith(log + " does not contain the log"), missing.getMessage());
            Files.createDirectory(log);
            assertThrows(IOException.class, () -> cluster.start(node));
            Files.delete(log);
            Files.move(elsewhere, log);
            cluster.start(node);
            client.set("key", "other");
            cluster.equalContents();
        }
    }

    /** The listener is code of an embedder. */
    @Test
    void aListenerThatFailsKeepsNoClientWaiting() throws Exception {
        try (TestCluster cluster = TestCluster.start(folder);
                JedisCluster client = cluster.client()) {
            for (int node = 0; node < TestCluster.SIZE; node++) {
                cluster.stop(node);
            }
            for (int node = 0; node < TestCluster.SIZE; node++) {
                cluster.start(node, (leader, term) -> {
                    throw new IllegalStateException("of a listener");
                });
            }
            client.set("short", "lived", SetParams.setParams().px(1));
            Polling.await("the end of a value", () -> !client.exists("short"));
        }
    }

    /** Nothing but the folders survives. Time does not go back: a value that was expired stays so. */
    @Test
    void allNodesStopAndStartAgain() throws Exception {
        try (TestCluster cluster = TestCluster.start(folder)) {
            SortedMap<String, String> contents;
            try (JedisCluster client = cluster.client()) {
                client.set("key", "value");
                client.set("short", "lived", SetParams.setParams().px(1));
                client.set("long", "lived", SetParams.setParams().ex(1000));
                Polling.await("the end of a value", () -> !client.exists("short"));
                contents = cluster.equalContents();
            }
            for (int i = 0; i < TestCluster.SIZE; i++) {
                cluster.stop(i);
            }
            for (int i = 0; i < TestCluster.SIZE; i++) {
                cluster.start(i);
                assertEquals(contents.keySet(), keys(cluster.node(i)));
            }
            try (JedisCluster client = cluster.client()) {
                assertEquals("value", client.get("key"));
                assertEquals(1, client.incr("counter"));
            }
            assertEquals(contents.get("long"), cluster.equalContents().get("long"));
        }
    }

    private static Set<String> keys(ClusterServer node) {
        Set<String> keys = new TreeSet<>();
        node.store().forEach((key, _) -> keys.add(new String(key, StandardCharsets.ISO_8859_1)));
        return keys;
    }

    /** The process would live on without it. */
    @Test
    void aNodeTakesPartAgainWhenRatisHasClosedItself() throws Exception {
        try (TestCluster cluster = TestCluster.start(folder);
                JedisCluster client = cluster.client()) {
            assertEquals(1, client.incr("counter"));
            int leader = cluster.leader();
            ClosedByRatis.close(cluster.node(leader).raft());
            Polling.await("a write", () -> {
                try {
                    return client.incr("counter") > 1;
                } catch (JedisException e) {
                    return false;
                }
            });
            cluster.equalContents();
            Polling.await("the node", () -> cluster.node(leader).status().leader() != null);
            assertTrue(cluster.node(leader).failure().isEmpty());
        }
    }

    /** The port and the folder of the last life may be held for a moment. */
    @Test
    void aNodeThatCannotStartAgainAtOnceTriesAgain() throws Exception {
        AtomicInteger starts = new AtomicInteger();
        ClusterServer.Parts parts = new ClusterServer.Parts() {
            @Override
            public RaftNode node(RaftSettings settings, Replica replica, RaftListener listener) throws IOException {
                int count = starts.incrementAndGet();
                if (count > 1 && count < 4) {
                    throw new IOException("the port is taken");
                }
                return RaftNode.start(settings, replica, listener);
            }
        };
        try (TestCluster cluster = TestCluster.start(folder, parts);
                JedisCluster client = cluster.client()) {
            ClusterServer node = cluster.node(TestCluster.SIZE - 1);
            ClosedByRatis.close(node.raft());
            Polling.await(
                    "another start", () -> starts.get() == 4 || node.failure().isPresent());
            assertTrue(node.failure().isEmpty(), () -> node.failure().toString());
            Polling.await("a write", () -> {
                try {
                    return client.incr("counter") > 0;
                } catch (JedisException e) {
                    return false;
                }
            });
            Polling.await("the node", () -> node.status().leader() != null);
            cluster.equalContents();
        }
    }

    /** Left out on one node, the entry would make it another one than the rest. */
    @Test
    void aNodeThatCannotReadAValueOfAStepStopsAndSaysWhy() throws Exception {
        try (TestCluster cluster = TestCluster.start(folder);
                JedisCluster client = cluster.client()) {
            client.set("key", "damaged ".repeat(100));
            cluster.equalContents();
            int follower = cluster.follower();
            cluster.stop(follower);
            damage(cluster.options(follower).storeFolder(), "damaged damaged");
            cluster.start(follower);
            ClusterServer node = cluster.node(follower);
            client.append("key", "more");
            LogPosition before = ReplicaMark.of(node.store().mark()).position();
            Polling.await("a fault", () -> node.status().hasFault());
            Polling.await("its end", () -> node.failure().isPresent());
            Throwable failure = node.failure().orElseThrow();
            assertInstanceOf(UnappliedEntryException.class, failure);
            assertInstanceOf(CorruptionException.class, failure.getCause());
            assertTrue(failure.getMessage().contains("must not be left out"), failure.getMessage());
            node.awaitStop();
            assertEquals(before, ReplicaMark.of(node.store().mark()).position(), "no entry is skipped");
            assertEquals(808, client.append("key", "more"));
        }
    }

    private static void damage(Path store, String text) throws IOException {
        try (Stream<Path> files = Files.list(store)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".log")).toList()) {
                byte[] bytes = Files.readAllBytes(file);
                int place = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
                if (place >= 0) {
                    try (RandomAccessFile changed = new RandomAccessFile(file.toFile(), "rw")) {
                        changed.seek(place);
                        changed.write('D');
                    }
                    return;
                }
            }
        }
        throw new AssertionError("no file has " + text);
    }

    /** What the comparison of nodes must notice. */
    enum Plant implements ClusterServer.Parts {
        A_SKIPPED_ENTRY {
            @Override
            CommittedEntry changed(CommittedEntry committed, LogEntry entry) {
                return new CommittedEntry(committed.position(), null);
            }
        },
        A_CLOCK_OF_ITS_OWN {
            @Override
            CommittedEntry changed(CommittedEntry committed, LogEntry entry) {
                LogEntryWriter writer = new LogEntryWriter();
                LogEntryReader reader = entry.reader();
                while (reader.next()) {
                    byte[][] arguments = new byte[reader.argumentCount()][];
                    for (int i = 0; i < arguments.length; i++) {
                        arguments[i] = reader.argument(i);
                    }
                    writer.command(arguments);
                }
                return new CommittedEntry(
                        committed.position(), writer.finish(LogEntry.Kind.COMMANDS, entry.millis() + 1));
            }
        };

        abstract CommittedEntry changed(CommittedEntry committed, LogEntry entry);

        @Override
        public Replica replica(Replica right) {
            return new Replica() {
                @Override
                public LogPosition applied() {
                    return right.applied();
                }

                @Override
                public CompletableFuture<Void> apply(List<CommittedEntry> entries) {
                    return right.apply(entries.stream()
                            .map(committed -> committed.entry() == null
                                            || committed.entry().kind() != LogEntry.Kind.COMMANDS
                                    ? committed
                                    : changed(committed, committed.entry()))
                            .toList());
                }

                @Override
                public void sync() throws IOException {
                    right.sync();
                }

                @Override
                public boolean hasFailed() {
                    return right.hasFailed();
                }
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReplicaThatBreaksARuleIsNoticed(Plant plant) throws Exception {
        try (TestCluster cluster = TestCluster.start(folder, plant);
                JedisCluster client = cluster.client()) {
            Polling.await("a write by another node than that with the plant", () -> {
                cluster.node(2).raft().stepDown();
                try {
                    client.set("key", "value", SetParams.setParams().ex(1000));
                    return !cluster.node(2).isLeading();
                } catch (JedisException e) {
                    return false;
                }
            });
            List<SortedMap<String, String>> contents = cluster.contents();
            assertEquals(contents.get(0), contents.get(1));
            assertNotEquals(contents.get(0), contents.get(2));
        }
    }
}
