package dev.penstock.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.shard.ClusterMap;
import dev.penstock.server.shard.ClusterNode;
import dev.penstock.server.shard.MapRouter;
import dev.penstock.server.shard.SlotRange;
import dev.penstock.server.shard.Slots;
import dev.penstock.store.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node of a cluster executes what belongs to it, sends every other command elsewhere, and shows its map. */
class ClusterTest {

    private static final String OK = "+OK\r\n";
    private static final String QUEUED = "+QUEUED\r\n";
    private static final String CROSS_SLOT = "-CROSSSLOT Keys in request don't hash to the same slot\r\n";

    @TempDir
    Path directory;

    private FixedCluster cluster;
    private RespClient first;
    private String here;
    private String elsewhere;

    @BeforeEach
    void start() throws IOException {
        cluster = new FixedCluster(directory);
        first = cluster.server(0).client();
        here = keyOf(0);
        elsewhere = keyOf(1);
    }

    @AfterEach
    void stop() throws IOException {
        first.close();
        cluster.close();
    }

    private static String keyOf(int node) {
        int number = 0;
        while (FixedCluster.nodeOf("key" + number) != node) {
            number++;
        }
        return "key" + number;
    }

    private static int slotOf(String key) {
        return Slots.of(key.getBytes(StandardCharsets.ISO_8859_1));
    }

    private String moved(String key) {
        return "-MOVED " + slotOf(key) + " 127.0.0.1:" + cluster.port(FixedCluster.nodeOf(key)) + "\r\n";
    }

    private void expect(String reply, String... command) throws IOException {
        assertEquals(reply, first.call(command), String.join(" ", command));
    }

    @Test
    void aKeyOfAnotherNodeIsSentThereAndOneOfThisIsServed() throws IOException {
        expect(OK, "SET", here, "v");
        expect("$1\r\nv\r\n", "GET", here);
        for (String[] command : new String[][] {
            {"GET", elsewhere},
            {"SET", elsewhere, "v"},
            {"DEL", elsewhere},
            {"WATCH", elsewhere},
            {"OBJECT", "ENCODING", elsewhere},
            {"MSET", elsewhere, "v"}
        }) {
            expect(moved(elsewhere), command);
        }
        assertEquals(1, cluster.server(0).store().count());
        assertEquals(0, cluster.server(1).store().count());
        try (RespClient second = cluster.server(1).client()) {
            assertEquals(OK, second.call("SET", elsewhere, "v"));
        }
    }

    @Test
    void keysOfOneRequestAreOfOneSlot() throws IOException {
        String tag = "{" + here + "}";
        expect(OK, "MSET", tag + "a", "1", tag + "b", "2");
        expect("*2\r\n$1\r\n1\r\n$1\r\n2\r\n", "MGET", tag + "a", tag + "b");
        for (String[] command : new String[][] {
            {"MGET", here, elsewhere},
            {"MSET", here, "1", elsewhere, "2"},
            {"DEL", here, elsewhere},
            {"RENAME", here, elsewhere},
            {"COPY", here, elsewhere},
            {"LCS", here, elsewhere}
        }) {
            expect(CROSS_SLOT, command);
        }
    }

    @Test
    void aCommandWithoutKeysIsAboutThisNode() throws IOException {
        expect(OK, "SET", here, "v");
        expect(":1\r\n", "DBSIZE");
        expect("*1\r\n$" + here.length() + "\r\n" + here + "\r\n", "KEYS", "*");
        expect("$" + here.length() + "\r\n" + here + "\r\n", "RANDOMKEY");
    }

    @Test
    void aTransactionStaysInOneSlotAndIsSpoiledByAKeyOfAnother() throws IOException {
        String tag = "{" + here + "}";
        expect(OK, "MULTI");
        expect(QUEUED, "SET", tag + "a", "1");
        expect(QUEUED, "PING");
        expect(QUEUED, "INCR", tag + "a");
        expect("*3\r\n+OK\r\n+PONG\r\n:2\r\n", "EXEC");
        expect(OK, "MULTI");
        expect(QUEUED, "SET", tag + "a", "1");
        expect(moved(elsewhere), "SET", elsewhere, "1");
        expect("-EXECABORT Transaction discarded because of previous errors.\r\n", "EXEC");
        String other = otherSlotHere();
        expect(OK, "MULTI");
        expect(QUEUED, "SET", here, "1");
        expect(CROSS_SLOT, "SET", other, "1");
        expect("-EXECABORT Transaction discarded because of previous errors.\r\n", "EXEC");
        expect("$1\r\n2\r\n", "GET", tag + "a");
    }

    private String otherSlotHere() {
        int number = 0;
        String key = "other0";
        while (FixedCluster.nodeOf(key) != 0 || slotOf(key) == slotOf(here)) {
            key = "other" + ++number;
        }
        return key;
    }

    @Test
    void anExecWhoseSlotHasMovedChangesNothingAndSaysWhereItIs() throws IOException {
        cluster.publish(2, 1);
        expect(OK, "MULTI");
        expect(QUEUED, "SET", elsewhere, "1");
        cluster.publish(3, FixedCluster.NODES);
        expect(moved(elsewhere), "EXEC");
        expect("-ERR EXEC without MULTI\r\n", "EXEC");
        assertEquals(0, cluster.server(0).store().count());
    }

    @Test
    void aSlotThatNobodyServesIsDown() throws IOException {
        String last = keyOf(2);
        cluster.publish(2, FixedCluster.NODES, false);
        expect("-CLUSTERDOWN Hash slot not served\r\n", "GET", last);
        expect(OK, "SET", here, "v");
        String info = first.call("CLUSTER", "INFO");
        assertTrue(
                info.contains("cluster_state:fail\r\ncluster_slots_assigned:16384\r\ncluster_slots_ok:10922\r\n"),
                info);
    }

    @Test
    void readsMayBeServedByAReplicaOnlyAfterReadonly() throws IOException {
        String replicated = keyOf(2); // of which node 0 is the replica
        expect(moved(replicated), "GET", replicated);
        expect(OK, "READONLY");
        expect("$-1\r\n", "GET", replicated);
        expect(moved(replicated), "SET", replicated, "v");
        expect(moved(elsewhere), "GET", elsewhere);
        expect(OK, "MULTI");
        expect(QUEUED, "GET", replicated);
        expect("*1\r\n$-1\r\n", "EXEC");
        expect(OK, "READWRITE");
        expect(moved(replicated), "GET", replicated);
        expect(OK, "READONLY");
        expect("+RESET\r\n", "RESET");
        expect(moved(replicated), "GET", replicated);
        expect(OK, "ASKING");
    }

    /** It is refused before its bytes are in the store, and the connection goes on. */
    @Test
    void aLargeValueForAnotherNodeIsSentThere() throws IOException {
        String large = "v".repeat(3 << 20);
        expect(moved(elsewhere), "SET", elsewhere, large);
        expect(OK, "SET", here, large);
        expect(":" + large.length() + "\r\n", "STRLEN", here);
    }

    @Test
    void theMapIsShownInEveryForm() throws IOException {
        expect("$40\r\n" + "1".repeat(40) + "\r\n", "CLUSTER", "MYID");
        expect(":12182\r\n", "CLUSTER", "KEYSLOT", "foo");
        String slots = first.call("CLUSTER", "SLOTS");
        assertTrue(slots.startsWith("*3\r\n*4\r\n:0\r\n:5460\r\n*4\r\n$9\r\n127.0.0.1\r\n:" + cluster.port(0)), slots);
        String nodes = first.call("CLUSTER", "NODES");
        assertTrue(
                nodes.contains(
                        "127.0.0.1:" + cluster.port(0) + "@" + (cluster.port(0) + 10_000) + " myself,master - 0 "),
                nodes);
        assertTrue(nodes.contains(" 1 connected 5461-10921\n"), nodes);
        String shards = first.call("CLUSTER", "SHARDS");
        assertTrue(shards.startsWith("*3\r\n*4\r\n$5\r\nslots\r\n*2\r\n:0\r\n:5460\r\n$5\r\nnodes\r\n*2\r\n"), shards);
        String info = first.call("CLUSTER", "INFO");
        assertTrue(info.contains("cluster_state:ok\r\n"), info);
        assertTrue(info.contains("cluster_known_nodes:3\r\ncluster_size:3\r\ncluster_current_epoch:1\r\n"), info);
        expect("*0\r\n", "CLUSTER", "LINKS");
        assertTrue(first.call("INFO", "cluster").contains("cluster_enabled:1"));
        assertTrue(first.call("INFO", "server").contains("redis_mode:cluster"));
        assertTrue(first.call("HELLO").contains("$7\r\ncluster\r\n"));
    }

    @Test
    void aNodeThatLeadsNothingIsShownAsAReplica() throws IOException {
        cluster.publish(2, 1);
        String nodes = first.call("CLUSTER", "NODES");
        assertTrue(nodes.contains(" slave " + "1".repeat(40) + " 0 "), nodes);
        String replicas = first.call("CLUSTER", "REPLICAS", "1".repeat(40));
        assertTrue(replicas.startsWith("*1\r\n") && replicas.contains("2".repeat(40)), replicas);
        expect("-ERR Unknown node abc\r\n", "CLUSTER", "REPLICAS", "abc");
        expect("-ERR The specified node is not a master\r\n", "CLUSTER", "SLAVES", "2".repeat(40));
    }

    @Test
    void theKeysOfASlotAreCountedAndListed() throws IOException {
        for (int i = 0; i < 500; i++) {
            expect(OK, "SET", "{" + here + "}" + i, "v");
        }
        expect(OK, "SET", otherSlotHere(), "v");
        String slot = Integer.toString(slotOf(here));
        expect(":500\r\n", "CLUSTER", "COUNTKEYSINSLOT", slot);
        assertTrue(first.call("CLUSTER", "GETKEYSINSLOT", slot, "7").startsWith("*7\r\n"));
        assertTrue(first.call("CLUSTER", "GETKEYSINSLOT", slot, "1000").startsWith("*500\r\n"));
        expect("*0\r\n", "CLUSTER", "GETKEYSINSLOT", slot, "0");
        expect("-ERR Invalid slot\r\n", "CLUSTER", "COUNTKEYSINSLOT", "16384");
        expect("-ERR Invalid slot or number of keys\r\n", "CLUSTER", "GETKEYSINSLOT", "1", "-1");
    }

    /** Its slot depends on all of its bytes, of which there may be 512 MiB. */
    @Test
    void aKeyThatIsTooLongIsRefusedBeforeItsSlotIsComputed() throws IOException {
        String refusal = "-ERR key is longer than " + Store.MAX_KEY_LENGTH + " bytes\r\n";
        String tooLong = "{" + elsewhere + "}" + "k".repeat(Store.MAX_KEY_LENGTH);
        expect(refusal, "GET", tooLong);
        expect(refusal, "SET", tooLong, "v".repeat(3 << 20));
        expect(refusal, "MSET", here, "v", tooLong, "v");
        expect(OK, "MULTI");
        expect(refusal, "SET", tooLong, "v");
        expect("-EXECABORT Transaction discarded because of previous errors.\r\n", "EXEC");
        expect(moved(elsewhere), "GET", elsewhere);
    }

    @Test
    void noClientChangesTheMap() throws IOException {
        String refused = "-ERR the map of the cluster is not changed by clients\r\n";
        expect(refused, "CLUSTER", "MEET", "127.0.0.1", "1");
        expect(refused, "CLUSTER", "SETSLOT", "1", "STABLE");
        expect(refused, "CLUSTER", "FAILOVER");
        expect(refused, "CLUSTER", "RESET");
    }

    @Test
    void aMapHasEverySlotOnce() {
        ClusterNode node = new ClusterNode("a".repeat(40), "127.0.0.1", 1, 2, true);
        SlotRange low = new SlotRange(0, 9, node, List.of(), true);
        SlotRange high = new SlotRange(10, Slots.COUNT - 1, node, List.of(), true);
        assertEquals(
                1,
                new ClusterMap(1, node, List.of(node), List.of(low, high))
                        .ranges()
                        .size());
        assertThrows(IllegalArgumentException.class, () -> new ClusterMap(1, node, List.of(node), List.of(low)));
        assertThrows(IllegalArgumentException.class, () -> new ClusterMap(1, node, List.of(node), List.of(high)));
        assertThrows(
                IllegalArgumentException.class, () -> new ClusterMap(1, node, List.of(node), List.of(low, low, high)));
    }

    @Test
    void aNodeHasNoHttp(@TempDir Path other) {
        ClusterNode node = new ClusterNode("a".repeat(40), "127.0.0.1", 1, 2, true);
        ClusterMap map = new ClusterMap(
                1, node, List.of(node), List.of(new SlotRange(0, Slots.COUNT - 1, node, List.of(), true)));
        try (Store store = Store.open(other)) {
            ServerOptions options = ServerOptions.defaults().withPort(0).withHttpPort(0);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> PenstockServer.start(store, new MapRouter(() -> map), null, options, System::nanoTime));
        }
    }
}
