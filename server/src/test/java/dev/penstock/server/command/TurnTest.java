package dev.penstock.server.command;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.acl.Users;
import dev.penstock.server.config.Settings;
import dev.penstock.server.session.Dispatcher;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.ServerContext;
import dev.penstock.server.shard.Router;
import dev.penstock.server.transfer.ChunkPool;
import dev.penstock.server.transfer.TransferContext;
import dev.penstock.server.transfer.TransferSettings;
import dev.penstock.server.turn.Turn;
import dev.penstock.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No command keeps the event loop for longer than a turn, whatever it is given. */
class TurnTest {

    /** What a turn may cost beyond its budget: the last part of some work, such as a thousand keys. */
    private static final long MOST_STEPS = Turn.STEPS + 20_000;

    /** Processor time of one turn. On a quiet machine the worst are below 50; others run tests beside. */
    private static final long MOST_MILLIS = 400;

    /** Processor time of a step, when the code is compiled. 100 are meant; tests run beside others. */
    private static final long MOST_NANOS_OF_STEP = 1000;

    private static final long PATIENCE_NANOS = 2_000_000_000L;
    private static final long SERVED_NANOS = 10_000_000;
    private static final int PIPELINE_BYTES = 256 << 10;
    private static final int PIPELINE_REQUESTS = 1000;
    private static final int CLIENTS = 500;

    @TempDir
    static Path directory;

    private static Store store;
    private static LoopContext loop;
    private static Dispatcher dispatcher;
    private static TransferContext transfers;
    private static final List<TurnClient> CONNECTED = new ArrayList<>();

    @BeforeAll
    static void open() {
        store = Store.open(directory);
        loop = new LoopContext(new ServerContext(
                store, new Settings(0, Map.of()), Users.ofDefault(null), Router.STANDALONE, null, () -> {}));
        dispatcher = Commands.dispatcher(loop);
        transfers = new TransferContext(new ChunkPool(), new TransferSettings(), Runnable::run);
        for (int i = 0; i < WorstRequests.KEYS; i++) {
            store.put(("k" + i).getBytes(ISO_8859_1), new byte[10]);
        }
        for (int i = 0; i < 2; i++) {
            store.put((i + "a".repeat(10_000)).getBytes(ISO_8859_1), new byte[10]);
        }
        for (String name : List.of("large", "large2", "large3", "large4")) {
            store.put(name.getBytes(ISO_8859_1), new byte[4 << 20]);
        }
        store.put("text".getBytes(ISO_8859_1), "ab".repeat(2000).getBytes(ISO_8859_1));
        store.put("text2".getBytes(ISO_8859_1), "ba".repeat(1900).getBytes(ISO_8859_1));
        for (int i = 0; i < CLIENTS; i++) {
            CONNECTED.add(new TurnClient(loop, dispatcher, transfers));
        }
        store.put("wide".getBytes(ISO_8859_1), new byte[8_000_000]);
        store.put("narrow".getBytes(ISO_8859_1), new byte[1]);
        store.put("other".getBytes(ISO_8859_1), "x".getBytes(ISO_8859_1));
    }

    @AfterAll
    static void close() {
        CONNECTED.forEach(TurnClient::close);
        transfers.awaitReaders();
        transfers.close();
        store.close();
    }

    @Test
    void noTurnOfAnyCommandIsLong() throws IOException {
        Map<String, List<byte[]>> worst = WorstRequests.all();
        TreeSet<String> without = new TreeSet<>();
        List<String> tooLong = new ArrayList<>();
        loop.metrics().commandMetrics().keySet().forEach(name -> {
            List<byte[]> requests = name.startsWith("cluster|")
                    ? List.of(WorstRequests.crowded(name.replace('|', ' '))) // all refused alike
                    : worst.remove(name);
            if (requests == null) {
                without.add(name);
                return;
            }
            for (int i = 0; i < requests.size(); i++) {
                try (TurnClient client = new TurnClient(loop, dispatcher, transfers)) {
                    TurnClient.Cost cost = client.run(requests.get(i));
                    String line = name + "[" + i + "] in " + cost.turns + " turns, at most " + cost.mostSteps
                            + " steps and " + cost.mostMillis + " ms";
                    if (cost.mostMillis > MOST_MILLIS || cost.mostSteps > MOST_STEPS) {
                        tooLong.add(line);
                    }
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        });
        assertEquals("[]", without.toString(), "commands of which nobody said what is the worst");
        assertEquals(List.of(), tooLong);
    }

    /**
     * A pipeline ends its turn by what its commands say that they cost. So what they say has to be what they take, for
     * every command, and this fails for one that does more than it counts.
     */
    @Test
    void noCommandCostsMoreThanItCounts() throws IOException {
        List<String> tooDear = new ArrayList<>();
        for (Map.Entry<String, List<byte[]>> entry : WorstRequests.all().entrySet()) {
            for (int i = 0; i < entry.getValue().size(); i++) {
                byte[] request = entry.getValue().get(i);
                if (request.length <= PIPELINE_BYTES) {
                    long nanos = nanosOfStep(request);
                    if (nanos > MOST_NANOS_OF_STEP) {
                        tooDear.add(entry.getKey() + "[" + i + "] " + nanos + " ns for each step");
                    }
                }
            }
        }
        assertEquals(List.of(), tooDear);
    }

    /** The least that was seen, as soon as it is little enough. */
    private static long nanosOfStep(byte[] request) throws IOException {
        byte[] pipeline =
                WorstRequests.pipeline(request, Math.clamp(PIPELINE_BYTES / request.length, 1, PIPELINE_REQUESTS));
        long least = Long.MAX_VALUE;
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (least > MOST_NANOS_OF_STEP && System.nanoTime() - end < 0) {
            try (TurnClient client = new TurnClient(loop, dispatcher, transfers)) {
                TurnClient.Cost cost = client.serve(pipeline, SERVED_NANOS);
                least = Math.min(least, cost.nanos / cost.steps);
            }
        }
        return least;
    }

    @Test
    void manyWatchedKeysAreLookedAtInTurns() throws IOException {
        try (TurnClient client = new TurnClient(loop, dispatcher, transfers)) {
            TurnClient.Cost cost = client.run(WorstRequests.all(
                    WorstRequests.numbered("watch", 25_000), WorstRequests.transaction(1, "GET", "k1")));
            assertTrue(cost.turns >= 4, cost.turns + " turns");
            assertTrue(cost.mostSteps <= MOST_STEPS, cost.mostSteps + " steps");
        }
    }

    @Test
    void aTransactionCountsWhatItWroteOnce() throws IOException {
        byte[][] requests = new byte[2002][];
        requests[0] = WorstRequests.request("multi");
        for (int i = 0; i < 1000; i++) {
            requests[1 + 2 * i] = WorstRequests.request("set", "count" + i, "v");
            requests[2 + 2 * i] = WorstRequests.request("dbsize");
        }
        requests[2001] = WorstRequests.request("exec");
        try (TurnClient client = new TurnClient(loop, dispatcher, transfers)) {
            TurnClient.Cost cost = client.run(WorstRequests.all(requests));
            assertTrue(cost.steps < 100_000 && cost.nanos / cost.steps < MOST_NANOS_OF_STEP, cost.nanos + " ns");
        }
    }

    /** Somebody changes the key whenever it is read: that costs the client its turns, and ends. */
    @Test
    void whoeverChangesAKeyAllTheTimeStopsNobody() throws Exception {
        byte[] key = "contended".getBytes(ISO_8859_1);
        AtomicBoolean done = new AtomicBoolean();
        Thread writer = Thread.ofPlatform().start(() -> {
            for (int i = 0; !done.get(); i++) {
                store.put(key, Integer.toString(i).getBytes(ISO_8859_1));
            }
        });
        try (TurnClient client = new TurnClient(loop, dispatcher, transfers)) {
            for (int round = 0; round < 20; round++) {
                for (String[] command : new String[][] {
                    {"INCR", "contended"},
                    {"APPEND", "contended", "1"},
                    {"GETSET", "contended", "1"},
                    {"SET", "contended", "1", "KEEPTTL"},
                    {"SETRANGE", "contended", "0", "1"},
                    {"EXPIRE", "contended", "100"}
                }) {
                    TurnClient.Cost cost = client.run(WorstRequests.request(command));
                    assertTrue(cost.mostMillis <= MOST_MILLIS, command[0] + " " + cost.mostMillis + " ms");
                }
                TurnClient.Cost cost = client.run(WorstRequests.transaction(100, "GET", "contended"));
                assertTrue(cost.mostMillis <= MOST_MILLIS, "EXEC " + cost.mostMillis + " ms");
                client.forget();
            }
        } finally {
            done.set(true);
            writer.join();
        }
    }
}
