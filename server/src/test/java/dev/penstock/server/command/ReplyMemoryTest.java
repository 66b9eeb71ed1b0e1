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
import dev.penstock.server.transfer.MemoryBudget;
import dev.penstock.server.transfer.OutOfBudgetException;
import dev.penstock.server.transfer.OutputChunk;
import dev.penstock.server.transfer.TransferContext;
import dev.penstock.server.transfer.TransferSettings;
import dev.penstock.store.Store;
import dev.penstock.store.ValueView;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A command for whose reply there is no memory changes nothing: what it takes away is told to the client, or stays. */
class ReplyMemoryTest {

    private static final byte[] VALUE = new byte[30_000]; // copied into a reply
    private static final byte[] LARGE = new byte[200_000]; // sent from its file
    private static final Instant EXPIRY = Instant.parse("2100-01-01T00:00:00Z");

    /** Bytes of replies that wait already, so that the next one begins anywhere in a chunk, or between two. */
    private static final int[] WAITING = {0, 40_000, 65_400, 65_500, 65_530};

    private static final String QUEUED = "+OK\r\n+QUEUED\r\n";

    /** Chunks that the reply may take; more than one only if much more memory is free than that. */
    private static final int[] FREE = {0, 1, 10_000};

    /** A request that changes something, of each command that may. */
    private static final List<String> EXAMPLES = List.of(
            "set k v",
            "set k v get",
            "set large v get keepttl",
            "set k v xx keepttl",
            "setnx new v",
            "setex k 100 v",
            "psetex k 100 v",
            "getset k v",
            "getset large v",
            "getdel k",
            "getdel large",
            "getex k ex 100",
            "getex large persist",
            "mset k v n v",
            "msetnx new v new2 v",
            "append k v",
            "setrange k 0 v",
            "incr n",
            "decr n",
            "incrby n 100000",
            "decrby n 100000",
            "incrbyfloat n 1e4000",
            "del k large",
            "unlink k",
            "rename k new",
            "renamenx k new",
            "copy k new",
            "expire k 100",
            "pexpire k 100000",
            "expireat k 99999999999",
            "pexpireat k 99999999999",
            "persist large",
            "flushall",
            "flushdb",
            "function flush");

    @TempDir
    Path directory;

    private final ChunkPool pool = new ChunkPool();
    private final MemoryBudget memory = pool.replies();
    private Store store;
    private LoopContext loop;
    private Dispatcher dispatcher;
    private TransferContext transfers;

    @BeforeEach
    void open() {
        store = Store.open(directory);
        loop = new LoopContext(new ServerContext(
                store, new Settings(0, Map.of()), Users.ofDefault(null), Router.STANDALONE, null, () -> {}));
        dispatcher = Commands.dispatcher(loop);
        transfers = new TransferContext(pool, new TransferSettings(), Runnable::run);
    }

    @AfterEach
    void close() {
        transfers.awaitReaders();
        transfers.close();
        store.close();
    }

    private TurnClient client() {
        return new TurnClient(loop, dispatcher, transfers);
    }

    @Test
    void everyCommandThatWritesHasAnExample() throws IOException {
        Set<String> writing = new HashSet<>();
        try (TurnClient client = client()) {
            client.run(WorstRequests.request("acl", "cat", "write"));
            String[] lines = client.replies().split("\r\n", -1);
            for (int i = 2; i < lines.length; i += 2) {
                writing.add(lines[i]);
            }
        }
        for (String example : EXAMPLES) {
            writing.remove(example.replace("function ", "function|").split(" ", 2)[0]);
        }
        assertEquals(Set.of(), writing);
    }

    @Test
    void aCommandWithoutMemoryForItsReplyChangesNothing() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (String example : EXAMPLES) {
            for (boolean inTransaction : new boolean[] {false, true}) {
                boolean done = false;
                for (int chunks : FREE) {
                    for (int waiting : WAITING) {
                        done |= isDone(example, inTransaction, waiting, chunks, wrong);
                    }
                }
                assertTrue(done, example + " never found enough memory");
            }
        }
        assertEquals(List.of(), wrong);
    }

    /** Executes a request with memory for a few chunks more, and looks whether it changed what it does not tell. */
    private boolean isDone(String example, boolean inTransaction, int waiting, int chunks, List<String> wrong)
            throws IOException {
        fill();
        Map<String, String> before = content();
        byte[] request = WorstRequests.request(example.split(" ", -1));
        String reply = "";
        long taken = 0;
        try (TurnClient client = client()) {
            if (waiting > 0) {
                fill(client, inTransaction ? waiting - QUEUED.length() : waiting);
            }
            if (inTransaction) {
                client.run(WorstRequests.all(WorstRequests.request("multi"), request));
                request = WorstRequests.request("exec");
            }
            if (waiting == 0) {
                client.replies();
            }
            taken = Math.max(0, memory.limit() - memory.used() - (long) chunks * OutputChunk.SIZE);
            memory.reserveFirst(taken);
            client.run(request);
            reply = client.replies().substring(waiting);
        } catch (OutOfBudgetException none) {
            reply = "-";
        } finally {
            memory.release(taken);
        }
        boolean done = !reply.startsWith("-") && !reply.startsWith("*1\r\n-");
        if (done) {
            assertTrue(!before.equals(content()) || example.startsWith("function"), example + " changes nothing");
        } else if (!before.equals(content())) {
            wrong.add(example + (inTransaction ? " in a transaction" : "") + " after " + waiting + " bytes, with "
                    + chunks + " chunks: " + reply);
        }
        return done;
    }

    /** Has a reply of so many bytes wait. */
    private static void fill(TurnClient client, int bytes) throws IOException {
        int length = bytes - "$12345\r\n\r\n".length();
        client.run(WorstRequests.request("echo", "x".repeat(length)));
    }

    private void fill() {
        store.clear();
        store.put("k".getBytes(ISO_8859_1), VALUE);
        store.put("n".getBytes(ISO_8859_1), "1".getBytes(ISO_8859_1));
        store.put("large".getBytes(ISO_8859_1), LARGE);
        store.setExpiry("large".getBytes(ISO_8859_1), EXPIRY);
    }

    private Map<String, String> content() {
        Map<String, String> content = new TreeMap<>();
        for (String key : List.of("k", "n", "large", "new", "new2")) {
            try (ValueView view = store.get(key.getBytes(ISO_8859_1))) {
                content.put(
                        key,
                        view == null ? "" : view.length() + " bytes of " + view.version() + " until " + view.expiry());
            }
        }
        return content;
    }
}
