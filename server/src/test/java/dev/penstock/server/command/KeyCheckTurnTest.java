package dev.penstock.server.command;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.acl.Users;
import dev.penstock.server.config.Settings;
import dev.penstock.server.session.Command;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keys of a request are compared with the patterns of a user in turns, and a late refusal is like an early one. */
class KeyCheckTurnTest {

    /** What a turn may cost beyond its budget: a part of one comparison, and the request itself. */
    private static final long MOST_STEPS = Turn.STEPS + 20_000;

    /** Processor time of a step, when the code is compiled. 100 are meant; tests run beside others. */
    private static final long MOST_NANOS_OF_STEP = 1000;

    private static final int PATTERNS = 50;
    private static final int KEYS = 100_000;
    private static final String FORBIDDEN = "other";

    @TempDir
    Path directory;

    private Store store;
    private LoopContext loop;
    private Dispatcher dispatcher;
    private TransferContext transfers;
    private TurnClient client;

    @BeforeEach
    void open() throws IOException {
        StringBuilder rules = new StringBuilder("user default off\nuser many on nopass -@all +@all ~*")
                .append("a".repeat(50))
                .append('b');
        for (int i = 0; i < PATTERNS; i++) {
            rules.append(" ~*x").append(i).append("*y");
        }
        Path file = Files.writeString(directory.resolve("users"), rules.append(" ~mine*\n"));
        store = Store.open(directory.resolve("store"));
        Users users = Users.read(file, null);
        loop = new LoopContext(
                new ServerContext(store, new Settings(0, Map.of()), users, Router.STANDALONE, null, () -> {}));
        dispatcher = Commands.dispatcher(loop);
        transfers = new TransferContext(new ChunkPool(), new TransferSettings(), Runnable::run);
        client = new TurnClient(loop, dispatcher, transfers);
        client.authenticated(users.named("many"));
    }

    @AfterEach
    void close() {
        client.close();
        transfers.awaitReaders();
        transfers.close();
        store.close();
    }

    private static byte[] ofManyKeys(String command, String last) {
        Stream<String> mine = Stream.generate(() -> "mine").limit(KEYS);
        return WorstRequests.request(WorstRequests.words(command, Stream.concat(mine, Stream.of(last))));
    }

    @Test
    void manyKeysAreComparedInTurns() throws IOException {
        TurnClient.Cost cost = client.run(ofManyKeys("exists", "mine"));
        assertEquals(":0\r\n", client.replies());
        long comparisons = (long) KEYS * PATTERNS;
        assertTrue(cost.steps > comparisons, cost.steps + " steps");
        assertTrue(cost.turns > comparisons / Turn.STEPS, cost.turns + " turns");
        assertTrue(cost.mostSteps <= MOST_STEPS, cost.mostSteps + " steps");
        assertTrue(cost.nanos / cost.steps < MOST_NANOS_OF_STEP, cost.nanos + " ns for " + cost.steps + " steps");
    }

    @Test
    void aLongKeyIsComparedInTurns() throws IOException {
        String key = "a".repeat(Store.MAX_KEY_LENGTH);
        TurnClient.Cost cost = client.run(WorstRequests.request("get", key));
        assertTrue(client.replies().startsWith("-NOPERM "));
        assertTrue(cost.turns > 1, cost.turns + " turns");
        assertTrue(cost.mostSteps <= MOST_STEPS, cost.mostSteps + " steps");
    }

    @Test
    void aLateRefusalIsCountedAsOneAndNotAsAFailure() throws IOException {
        client.run(ofManyKeys("del", FORBIDDEN));
        assertTrue(client.replies().startsWith("-NOPERM "));
        Command del = dispatcher.command("del");
        assertEquals(1, del.metrics().rejected().total());
        assertEquals(0, del.metrics().failed().total());
        assertEquals(0, del.metrics().calls().total());
        client.run(ofManyKeys("del", "mine"));
        assertEquals(":0\r\n", client.replies());
        assertEquals(1, del.metrics().calls().total());
    }

    @Test
    void aLateRefusalSpoilsTheTransaction() throws IOException {
        client.run(WorstRequests.all(
                WorstRequests.request("multi"),
                WorstRequests.request("set", "mine", "v"),
                ofManyKeys("exists", FORBIDDEN),
                WorstRequests.request("exec")));
        String replies = client.replies();
        assertTrue(replies.startsWith("+OK\r\n+QUEUED\r\n-NOPERM "), replies);
        assertTrue(replies.contains("-EXECABORT "), replies);
        assertEquals(0, store.count());
    }

    @Test
    void aTransactionComparesInTurnsWhenItIsQueuedAndExecuted() throws IOException {
        TurnClient.Cost cost = client.run(WorstRequests.all(
                WorstRequests.request("multi"),
                WorstRequests.request("set", "mine", "v"),
                ofManyKeys("exists", "mine"),
                WorstRequests.request("exec")));
        assertEquals("+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n:" + (KEYS + 1) + "\r\n", client.replies());
        assertTrue(cost.turns > (long) KEYS * PATTERNS / Turn.STEPS, cost.turns + " turns");
        assertTrue(cost.mostSteps <= MOST_STEPS, cost.mostSteps + " steps");
        assertEquals("v", new String(store.getBytes("mine".getBytes(ISO_8859_1)), ISO_8859_1));
    }
}
