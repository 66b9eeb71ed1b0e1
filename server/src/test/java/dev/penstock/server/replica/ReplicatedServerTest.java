package dev.penstock.server.replica;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.PenstockServer;
import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestServer;
import dev.penstock.server.shard.ClusterMap;
import dev.penstock.server.shard.ClusterNode;
import dev.penstock.server.shard.EntryClock;
import dev.penstock.server.shard.MapRouter;
import dev.penstock.server.shard.Proposal;
import dev.penstock.server.shard.SlotRange;
import dev.penstock.server.shard.Slots;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients write goes through the log of the group, and what they read waits for a fence. */
class ReplicatedServerTest {

    private static final ClusterNode HERE = new ClusterNode("a".repeat(40), "127.0.0.1", 7001, 17001, true);
    private static final ClusterNode THERE = new ClusterNode("b".repeat(40), "127.0.0.1", 7002, 17002, true);
    private static final String UNKNOWN =
            "-ERR the write may have been done or not: leadership changed before a majority had it\r\n";

    @TempDir
    Path directory;

    private final AtomicReference<ClusterMap> map = new AtomicReference<>();
    private final MapRouter router = new MapRouter(map::get, Duration.ofMinutes(10));
    private Store store;
    private TestLog log;
    private PenstockServer server;
    private RespClient client;
    private RespClient other;

    @BeforeEach
    void start() throws IOException {
        EntryClock clock = new EntryClock();
        store = Store.open(directory, StoreOptions.defaults().withClock(clock));
        log = new TestLog(store, clock);
        lead(HERE, true);
        server = PenstockServer.start(
                store, router, log, ServerOptions.defaults().withPort(0));
        client = new RespClient(server.port());
        other = new RespClient(server.port());
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        other.close();
        server.stop(Duration.ZERO);
        log.close();
        store.close();
    }

    private void lead(ClusterNode leader, boolean isServed) {
        List<ClusterNode> replicas = List.of(leader.equals(HERE) ? THERE : HERE);
        map.set(new ClusterMap(
                1, HERE, List.of(HERE, THERE), List.of(new SlotRange(0, Slots.COUNT - 1, leader, replicas, isServed))));
        router.mapChanged();
    }

    private static void send(RespClient client, String... requests) throws IOException {
        ByteArrayOutputStream pipeline = new ByteArrayOutputStream();
        for (String request : requests) {
            pipeline.writeBytes(RespClient.encoded(request.split(" ", -1)));
        }
        client.out().write(pipeline.toByteArray());
    }

    private static void expect(RespClient client, String... replies) throws IOException {
        for (String reply : replies) {
            assertEquals(reply + "\r\n", client.reply());
        }
    }

    private byte[] stored(String key) {
        return store.getBytes(key.getBytes(ISO_8859_1));
    }

    @Test
    void aWriteIsAcknowledgedWhenItIsApplied() throws Exception {
        log.hold();
        send(client, "SET k v");
        List<Proposal> proposed = log.awaitProposed(1);
        assertEquals(1, proposed.getFirst().steps().size());
        assertNull(stored("k"));
        assertEquals("+PONG\r\n", other.call("PING"));
        log.applyHeld();
        expect(client, "+OK");
        assertNotNull(stored("k"));
        assertEquals(1, store.mark()[3]);
    }

    @Test
    void thePipelineOfAClientIsOneEntryAndItsRepliesAreInOrder() throws Exception {
        send(client, "SET k 1", "INCR k", "APPEND k 0", "INCR k", "GETDEL k", "SET k", "INCR n", "PING");
        expect(client, "+OK", ":2", ":2", ":21", "$2\r\n21");
        expect(client, "-ERR wrong number of arguments for 'set' command", ":1", "+PONG");
        List<Proposal> proposed = log.awaitProposed(2);
        assertEquals(5, proposed.get(0).steps().size());
        assertEquals(2, proposed.size());
    }

    @Test
    void aReadBehindAWriteSeesItWithoutAFence() throws Exception {
        send(client, "SET k 1", "GET k", "SET k 2", "GET k");
        expect(client, "+OK", "$1\r\n1", "+OK", "$1\r\n2");
        assertEquals(0, log.fenceCount());
    }

    /** Bytes that are not part of a request count as covered, too, and must not cover what comes later. */
    @Test
    void aReadAfterBlankLinesWaitsForAFence() throws Exception {
        ByteArrayOutputStream pipeline = new ByteArrayOutputStream();
        pipeline.writeBytes(RespClient.encoded("SET", "k", "1"));
        pipeline.writeBytes(RespClient.encoded("PING"));
        pipeline.writeBytes("\r\n*0\r\n".repeat(50).getBytes(ISO_8859_1));
        pipeline.writeBytes(RespClient.encoded("PING"));
        client.out().write(pipeline.toByteArray());
        expect(client, "+OK", "+PONG", "+PONG");
        assertEquals("$1\r\n1\r\n", client.call("GET", "k"));
        assertEquals(1, log.fenceCount());
    }

    @Test
    void aReadAfterALargeValueWaitsForAFence() throws Exception {
        String large = "v".repeat(2 << 20);
        byte[] request = RespClient.encoded("SET", "k", large);
        ByteArrayOutputStream begin = new ByteArrayOutputStream();
        begin.writeBytes(RespClient.encoded("GET", "k"));
        begin.write(request, 0, 1000);
        client.out().write(begin.toByteArray());
        expect(client, "$-1");
        client.out().write(request, 1000, request.length - 1000);
        assertTrue(client.reply().startsWith("-ERR a node of a cluster takes values "));
        assertEquals("$-1\r\n", client.call("GET", "k"));
        assertEquals(2, log.fenceCount());
    }

    @Test
    void aReadBehindATransactionThatDidNothingWaitsForAFence() throws Exception {
        send(client, "WATCH k", "MULTI", "SET k mine");
        expect(client, "+OK", "+OK", "+QUEUED");
        assertEquals("+OK\r\n", other.call("SET", "k", "theirs"));
        send(client, "EXEC", "GET k");
        expect(client, "*-1", "$6\r\ntheirs");
        assertEquals(1, log.fenceCount());
    }

    @Test
    void readsOfANodeThatIsCurrentWaitForNothing() throws Exception {
        assertEquals("+OK\r\n", client.call("SET", "k", "v"));
        log.holdFences();
        log.current(true);
        assertEquals("$1\r\nv\r\n", client.call("GET", "k"));
        send(client, "GET k", "GET k", "MULTI", "GET k", "EXEC");
        expect(client, "$1\r\nv", "$1\r\nv", "+OK", "+QUEUED", "*1\r\n$1\r\nv");
        assertEquals(0, log.fenceCount());
    }

    @Test
    void aNodeThatIsCurrentNoMoreFencesTheNextRead() throws Exception {
        log.current(true);
        assertEquals("$-1\r\n", client.call("GET", "k"));
        log.holdFences();
        log.current(false);
        send(client, "GET k");
        log.awaitFences(1);
        assertEquals("+PONG\r\n", other.call("PING"));
        log.releaseFences(true);
        expect(client, "$-1");
    }

    @Test
    void readsWaitForAFenceTakenAfterTheyArrived() throws Exception {
        client.call("SET", "k", "1");
        log.holdFences();
        send(client, "GET k", "GET k", "MGET k {k}2");
        log.awaitFences(1);
        log.applyHeld();
        assertEquals("+OK\r\n", other.call("SET", "k", "2"));
        log.releaseFences(true);
        expect(client, "$1\r\n2", "$1\r\n2");
        expect(client, "*2\r\n$1\r\n2\r\n$-1");
        assertEquals(1, log.fenceCount());
        log.holdFences();
        send(client, "GET k");
        log.awaitFences(2);
        log.releaseFences(true);
        expect(client, "$1\r\n2");
    }

    @Test
    void aReadOfANodeThatLostTheLeadIsSentToTheNewLeader() throws Exception {
        log.holdFences();
        send(client, "GET k");
        log.awaitFences(1);
        lead(THERE, true);
        log.releaseFences(false);
        expect(client, "-MOVED " + Slots.of("k".getBytes(ISO_8859_1)) + " 127.0.0.1:7002");
    }

    /** Otherwise the next commands would be queued, and never executed. */
    @Test
    void aTransactionThatReadsEndsWhenItIsSentToTheNewLeader() throws Exception {
        send(client, "MULTI", "GET k");
        expect(client, "+OK", "+QUEUED");
        log.holdFences();
        send(client, "EXEC");
        log.awaitFences(1);
        lead(THERE, true);
        log.releaseFences(false);
        expect(client, "-MOVED " + Slots.of("k".getBytes(ISO_8859_1)) + " 127.0.0.1:7002");
        lead(HERE, true);
        send(client, "SET k v");
        expect(client, "+OK");
    }

    @Test
    void aWriteThatWasNotDoneIsRoutedAnewAndDoneOnce() throws Exception {
        lead(HERE, false);
        lead(HERE, true);
        log.fail(new Proposal.NotDone());
        lead(HERE, true);
        send(client, "INCR n", "INCR n");
        log.awaitProposed(1);
        lead(HERE, false);
        log.fail(null);
        lead(HERE, true);
        expect(client, ":1", ":2");
        log.fail(new Proposal.NotDone());
        send(client, "INCR n", "INCR n");
        lead(THERE, true);
        int slot = Slots.of("n".getBytes(ISO_8859_1));
        expect(client, "-MOVED " + slot + " 127.0.0.1:7002", "-MOVED " + slot + " 127.0.0.1:7002");
        assertEquals("2", new String(stored("n"), ISO_8859_1));
    }

    @Test
    void aWriteWhoseOutcomeIsUnknownIsAnErrorThatClientsDoNotRepeat() throws Exception {
        log.fail(new Proposal.Unknown());
        send(client, "INCR n", "INCR n", "PING");
        assertEquals(UNKNOWN, client.reply());
        assertEquals(UNKNOWN, client.reply());
        expect(client, "+PONG");
    }

    /** More often than an event loop may fail: nothing that the log throws is a failure of the loop. */
    @Test
    void aLogThatThrowsIsAnErrorToItsClientsAndTheServerGoesOn() throws Exception {
        String unknown = "-ERR the write may have been done or not: the log of the group failed";
        send(other, "WATCH w", "MULTI", "SET w v");
        expect(other, "+OK", "+OK", "+QUEUED");
        log.breakDown(new IllegalStateException("planted"));
        for (int i = 0; i < 150; i++) {
            send(client, "INCR n", "INCR n", "PING");
            expect(client, unknown, unknown, "+PONG");
        }
        send(other, "EXEC");
        assertTrue(other.reply().startsWith("-ERR internal error"));
        int fences = log.fenceCount();
        send(client, "GET n");
        log.awaitFences(fences + 3); // the read is routed anew, and waits for another fence after a moment
        send(other, "INCR n");
        expect(other, unknown);
        log.breakDown(null);
        expect(client, "$-1");
        send(client, "INCR n");
        expect(client, ":1");
        send(other, "WATCH w", "MULTI", "SET w v", "EXEC");
        expect(other, "+OK", "+OK", "+QUEUED", "*1\r\n+OK");
    }

    @Test
    void aReadWhoseFencesFailIsRefusedInTheEnd() throws Exception {
        server.stop(Duration.ZERO);
        MapRouter impatient = new MapRouter(map::get, Duration.ofMillis(100));
        server = PenstockServer.start(
                store, impatient, log, ServerOptions.defaults().withPort(0));
        log.breakDown(new IllegalStateException("planted"));
        try (RespClient reader = new RespClient(server.port())) {
            send(reader, "GET k", "PING");
            expect(reader, "-CLUSTERDOWN Hash slot not served", "+PONG");
        }
    }

    @Test
    void aTransactionIsOneStep() throws Exception {
        send(client, "MULTI", "SET k 1", "GET k", "INCR k", "PING", "EXEC");
        expect(client, "+OK", "+QUEUED", "+QUEUED", "+QUEUED", "+QUEUED", "*4\r\n+OK\r\n$1\r\n1\r\n:2\r\n+PONG");
        Proposal proposed = log.awaitProposed(1).getFirst();
        assertEquals(1, proposed.steps().size());
        assertTrue(proposed.steps().getFirst().isTransaction());
        send(client, "MULTI", "GET k", "EXEC");
        expect(client, "+OK", "+QUEUED", "*1\r\n$1\r\n2");
        assertEquals(1, log.fenceCount());
        send(client, "MULTI", "SET k 1", "CLIENT ID", "EXEC");
        expect(client, "+OK", "+QUEUED", "+QUEUED");
        assertTrue(client.reply().startsWith("-EXECABORT "));
        send(client, "EXEC");
        expect(client, "-ERR EXEC without MULTI");
    }

    @Test
    void aWatchedKeyThatAnEntryBeforeChangesStopsTheTransaction() throws Exception {
        send(client, "WATCH k", "MULTI", "SET k mine");
        expect(client, "+OK", "+OK", "+QUEUED");
        log.hold();
        send(other, "SET k theirs");
        log.awaitProposed(1);
        send(client, "EXEC");
        send(other, "SET k later");
        log.applyHeld();
        expect(client, "*-1");
        expect(other, "+OK", "+OK");
        send(client, "WATCH k", "MULTI", "SET k mine", "EXEC");
        expect(client, "+OK", "+OK", "+QUEUED", "*1\r\n+OK");
        List<Proposal> proposed = log.awaitProposed(3);
        assertEquals(1, proposed.getLast().term());
    }

    /** The watched keys are forgotten with the client, and must not be taken for unchanged. */
    @Test
    void aTransactionWithWatchedKeysIsNotDoneWhenItsClientIsKilled() throws Exception {
        String id = client.call("CLIENT", "ID").strip().substring(1);
        send(client, "WATCH k", "MULTI", "SET k mine");
        expect(client, "+OK", "+OK", "+QUEUED");
        log.hold();
        send(other, "SET k theirs");
        log.awaitProposed(1);
        send(client, "EXEC");
        try (RespClient third = new RespClient(server.port())) {
            awaitExec(third);
            assertEquals(":1\r\n", third.call("CLIENT", "KILL", "ID", id));
            assertEquals(-1, client.in().read());
            log.applyHeld();
            expect(other, "+OK");
            assertEquals("+OK\r\n", third.call("SET", "last", "v"));
        }
        assertEquals("theirs", new String(stored("k"), ISO_8859_1));
        assertEquals(2, log.awaitProposed(2).size());
    }

    /** Each turn compares some of the keys, and others are served in between. */
    @Test
    void manyWatchedKeysAreComparedInSeveralTurns() throws Exception {
        int keys = 200_000;
        for (int round = 0; round < 2; round++) {
            ByteArrayOutputStream pipeline = new ByteArrayOutputStream();
            for (int key = 0; key < keys; key += 1000) {
                List<String> words = new ArrayList<>(List.of("WATCH"));
                for (int i = key; i < key + 1000; i++) {
                    words.add("{w}" + i);
                }
                pipeline.writeBytes(RespClient.encoded(words.toArray(String[]::new)));
            }
            client.out().write(pipeline.toByteArray());
            for (int key = 0; key < keys; key += 1000) {
                expect(client, "+OK");
            }
            if (round == 1) {
                assertEquals("+OK\r\n", other.call("SET", "{w}" + (keys - 1), "changed"));
            }
            send(client, "MULTI", "INCR {w}n", "EXEC");
            expect(client, "+OK", "+QUEUED", round == 0 ? "*1\r\n:1" : "*-1");
        }
        assertEquals("$1\r\n1\r\n", client.call("GET", "{w}n"));
    }

    private static void awaitExec(RespClient observer) throws Exception {
        TestServer.await("EXEC waits", () -> observer.call("CLIENT", "LIST").contains(" cmd=exec "));
    }

    @Test
    void aClientThatWantsNoRepliesGetsNone() throws Exception {
        send(
                client,
                "CLIENT REPLY SKIP",
                "SET k 1",
                "INCR k",
                "CLIENT REPLY OFF",
                "INCR k",
                "INCR k",
                "CLIENT REPLY ON");
        expect(client, ":2", "+OK");
        assertEquals("$1\r\n4\r\n", client.call("GET", "k"));
    }

    @Test
    void repliesAreInTheProtocolOfEachClient() throws Exception {
        client.call("HELLO", "3");
        send(client, "SET k v NX", "SET k v NX");
        expect(client, "+OK", "_");
        send(other, "SET k v NX");
        expect(other, "$-1");
    }

    @Test
    void waitCountsTheNodesThatHaveWhatTheClientWrote() throws Exception {
        log.copied(1);
        send(client, "SET key value", "WAIT 1 0", "WAIT 2 5");
        expect(client, "+OK", ":1", ":1");
        send(client, "WAIT 2 0");
        log.awaitCounts(3);
        log.copied(2);
        expect(client, ":2");
        send(client, "MULTI", "WAIT 3 0", "EXEC");
        expect(client, "+OK", "+QUEUED", "*1\r\n:2");
    }

    @Test
    void waitEndsWithAnErrorWhenTheNodeLosesTheLead() throws Exception {
        log.copied(1);
        send(client, "SET key value");
        expect(client, "+OK");
        send(client, "WAIT 2 0");
        log.awaitCounts(3);
        log.copied(-1);
        expect(client, "-UNBLOCKED force unblock from blocking operation, this node does not lead any more");
        send(client, "WAIT 1 0", "PING");
        expect(client, "-ERR WAIT cannot be used with replica instances", "+PONG");
    }

    @Test
    void flushallIsAnEntryOfItsOwn() throws Exception {
        send(client, "SET a 1", "FLUSHALL", "SET b 2");
        expect(client, "+OK", "+OK", "+OK");
        List<Proposal> proposed = log.awaitProposed(3);
        proposed.forEach(proposal -> assertEquals(1, proposal.steps().size()));
        assertEquals(1, store.count());
    }

    @Test
    void aNodeThatLeadsNoSlotRefusesFlushall() throws Exception {
        lead(THERE, true);
        String refused = "-READONLY You can't write against a read only replica.";
        send(client, "FLUSHALL", "MULTI", "FLUSHALL", "EXEC");
        expect(client, refused, "+OK", refused);
        assertTrue(client.reply().startsWith("-EXECABORT "));
        lead(THERE, false);
        send(client, "FLUSHALL");
        lead(HERE, true);
        expect(client, "+OK");
        assertEquals(1, log.awaitProposed(1).size());
    }

    /** The map may still say that this node leads. The event loop must not propose in every turn until it does not. */
    @Test
    void aWriteThatWasNotDoneIsProposedAgainAfterAMoment() throws Exception {
        log.fail(new Proposal.NotDone());
        long begin = System.nanoTime();
        send(client, "SET k v");
        log.awaitProposed(4);
        assertTrue(System.nanoTime() - begin >= Duration.ofMillis(60).toNanos());
        log.fail(null);
        expect(client, "+OK");
    }

    @Test
    void longValuesAndRequestsAreRefused() throws Exception {
        String refused = "-ERR a node of a cluster takes values of less than 1 MiB\r\n";
        String large = "v".repeat(3 << 20);
        send(client, "SET k v");
        client.send("SET", "k", large);
        client.send("SET", "k", "v".repeat(1 << 20));
        expect(client, "+OK");
        assertEquals(refused, client.reply());
        assertEquals(refused, client.reply());
        List<String> words = new ArrayList<>(List.of("MSET"));
        for (int i = 0; i < 4; i++) {
            words.add("{k}" + i);
            words.add("v".repeat(900_000));
        }
        assertEquals(
                "-ERR a request takes at most 3 MiB on a node of a cluster\r\n",
                client.call(words.toArray(String[]::new)));
        assertEquals("$1\r\nv\r\n", client.call("GET", "k"));
    }

    @Test
    void longValuesAreRefusedWhenTheyAreQueued() throws Exception {
        send(client, "MULTI");
        client.send("SET", "k", "v".repeat(1 << 20));
        send(client, "SET k v", "EXEC", "GET k");
        expect(client, "+OK", "-ERR a node of a cluster takes values of less than 1 MiB", "+QUEUED");
        expect(client, "-EXECABORT Transaction discarded because of previous errors.", "$-1");
        assertEquals(List.of(), log.awaitProposed(0));
    }

    @Test
    void aTransactionIsRefusedWhenTooMuchIsQueued() throws Exception {
        String value = "v".repeat(900_000);
        send(client, "MULTI");
        for (int i = 0; i < 4; i++) {
            client.send("SET", "{k}" + i, value);
        }
        send(client, "EXEC", "MULTI", "SET k v", "EXEC");
        expect(client, "+OK", "+QUEUED", "+QUEUED", "+QUEUED");
        expect(client, "-ERR a transaction takes at most 3 MiB on a node of a cluster");
        expect(client, "-EXECABORT Transaction discarded because of previous errors.");
        expect(client, "+OK", "+QUEUED", "*1\r\n+OK");
        assertEquals(1, log.awaitProposed(1).size());
    }

    /** What is under way is bounded, so that a log that stands still does not fill the memory. */
    @Test
    void onlySoMuchIsUnderWay() throws Exception {
        log.hold();
        List<RespClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 12; i++) {
                RespClient one = new RespClient(server.port());
                clients.add(one);
                one.send("SET", "k" + i, "v".repeat(1_000_000));
            }
            int most = 8; // of a million bytes in 8 MiB
            log.awaitProposed(most);
            TestServer.await(
                    "all writes have arrived",
                    () -> other.call("CLIENT", "LIST")
                                    .lines()
                                    .filter(line -> line.contains(" cmd=set "))
                                    .count()
                            == clients.size());
            assertEquals("+PONG\r\n", other.call("PING"));
            assertEquals(most, log.awaitProposed(most).size());
            log.applyHeld();
            for (RespClient one : clients) {
                expect(one, "+OK");
            }
        } finally {
            for (RespClient one : clients) {
                one.close();
            }
        }
    }

    private static void sendReads(RespClient client, int count) throws IOException {
        ByteArrayOutputStream pipeline = new ByteArrayOutputStream();
        pipeline.writeBytes(RespClient.encoded("MULTI"));
        for (int i = 0; i < count; i++) {
            pipeline.writeBytes(RespClient.encoded("GETEX", "{k}", "PERSIST"));
        }
        pipeline.writeBytes(RespClient.encoded("INCR", "{k}n"));
        pipeline.writeBytes(RespClient.encoded("EXEC"));
        client.out().write(pipeline.toByteArray());
    }

    /** A client that were told that the server is out of memory would believe that nothing was done. */
    @Test
    void aClientIsToldThatItsWriteWasDoneIfThereIsNoMemoryForTheReply() throws Exception {
        String value = "v".repeat((1 << 20) - 1);
        assertEquals("+OK\r\n", client.call("SET", "{k}", value));
        log.hold();
        sendReads(client, 15);
        log.awaitProposed(2);
        sendReads(client, 60);
        send(client, "PING");
        log.applyHeld();
        expect(client, "+OK");
        for (int i = 0; i <= 15; i++) {
            expect(client, "+QUEUED");
        }
        assertTrue(client.reply().startsWith("*16\r\n$1048575\r\nvvv"));
        expect(client, "+OK");
        for (int i = 0; i <= 60; i++) {
            expect(client, "+QUEUED");
        }
        expect(client, "-ERR the write was done, but there is no memory for its reply", "+PONG");
        assertEquals("$1\r\n2\r\n", other.call("GET", "{k}n"));
    }

    /** The log stands still; what clients wait for with must not fill the heap. */
    @Test
    void writesThatWaitForTheLogCountInTheMemoryOfRequests() throws Exception {
        log.hold();
        List<RespClient> clients = new ArrayList<>();
        int refused = 0;
        try {
            long budget = Math.min(1L << 30, Runtime.getRuntime().maxMemory() / 8 * 3);
            byte[] request = RespClient.encoded("SET", "k", "v".repeat(1_000_000));
            for (long sent = 0; sent < budget; sent += request.length) {
                RespClient one = new RespClient(server.port());
                clients.add(one);
                one.out().write(request);
            }
            TestServer.await("a write is refused", () -> {
                for (RespClient one : clients) {
                    if (one.in().available() > 0) {
                        return true;
                    }
                }
                return false;
            });
            log.applyHeld();
            for (RespClient one : clients) {
                String reply = one.reply();
                assertTrue(reply.equals("+OK\r\n") || reply.startsWith("-OOM requests "), reply);
                refused += reply.equals("+OK\r\n") ? 0 : 1;
            }
            assertTrue(refused > 0 && refused < clients.size(), refused + " refused");
            other.out().write(request);
            expect(other, "+OK"); // the memory is free again
        } finally {
            for (RespClient one : clients) {
                one.close();
            }
        }
    }

    /** Otherwise an entry with an earlier time could find the value after a read did not; see the page of internals. */
    @Test
    void aValueIsThereUntilAnEntryIsLaterThanItsExpiry() throws Exception {
        assertEquals("+OK\r\n", client.call("SET", "k", "v", "PX", "1"));
        long written = System.currentTimeMillis();
        TestServer.await("it has expired", () -> System.currentTimeMillis() > written + 1);
        assertEquals("$1\r\nv\r\n", client.call("GET", "k"));
        assertEquals("+OK\r\n", client.call("SET", "other", "v"));
        assertEquals("$-1\r\n", client.call("GET", "k"));
    }

    private boolean isConnected(int port) throws IOException {
        return other.call("CLIENT", "LIST").contains(" addr=127.0.0.1:" + port + " ");
    }

    /** The log may stand still for long, and clients that give up must not use up the connections. */
    @Test
    void aClientThatIsGoneWhileItsWriteWaitsIsForgotten() throws Exception {
        log.hold();
        RespClient resetting = new RespClient(server.port());
        RespClient leaving = new RespClient(server.port());
        int resettingPort = resetting.socket().getLocalPort();
        int leavingPort = leaving.socket().getLocalPort();
        send(resetting, "INCR n");
        log.awaitProposed(1);
        send(leaving, "INCR n", "GET n");
        log.awaitProposed(2);
        assertTrue(isConnected(resettingPort) && isConnected(leavingPort));
        resetting.socket().setSoLinger(true, 0);
        resetting.close();
        TestServer.await("the connection is reset", () -> !isConnected(resettingPort));
        leaving.close();
        TestServer.await("the client has not come back", () -> !isConnected(leavingPort));
        log.applyHeld();
        assertEquals(":3\r\n", other.call("INCR", "n"));
    }

    @Test
    void aClientThatOnlyEndsItsSideGetsItsReplies() throws Exception {
        log.hold();
        send(client, "INCR n", "GET n");
        log.awaitProposed(1);
        client.socket().shutdownOutput();
        assertTrue(isConnected(client.socket().getLocalPort()));
        log.applyHeld();
        expect(client, ":1", "$1\r\n1");
        assertEquals(-1, client.in().read());
    }

    @Test
    void aServerStopsWhileAWriteIsUnderWay() throws Exception {
        log.hold();
        send(client, "SET k v");
        log.awaitProposed(1);
        server.stop(Duration.ZERO);
        log.applyHeld();
        assertEquals(-1, client.in().read());
        assertNotNull(stored("k"));
    }
}
