package dev.penstock.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestServer;
import dev.penstock.server.redis.ReplyComparison;
import dev.penstock.server.threat.GreedyClientTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransactionCommandsTest extends CommandTestCase {

    private static final String QUEUED = "+QUEUED\r\n";
    private static final String ABORTED = "-EXECABORT Transaction discarded because of previous errors.\r\n";
    private static final String CHANGED = "*-1\r\n";

    private void queue(String... words) throws IOException {
        expect(QUEUED, words);
    }

    @Test
    void queuedCommandsAreExecutedTogetherAndSeeEachOther() throws IOException {
        expect(OK, "MULTI");
        queue("SET", "a", "1");
        queue("INCR", "a");
        queue("GET", "a");
        queue("APPEND", "a", "x");
        queue("INCR", "a");
        queue("RENAME", "a", "b");
        queue("EXISTS", "a", "b");
        queue("STRLEN", "b");
        queue("PEXPIRE", "b", "100");
        queue("PTTL", "b");
        queue("DBSIZE");
        queue("KEYS", "*");
        try (RespClient other = server.client()) {
            assertEquals(":0\r\n", other.call("DBSIZE"));
        }
        expect(
                "*12\r\n" + OK + ":2\r\n" + bulk("2") + ":2\r\n" + NOT_AN_INTEGER + OK
                        + ":1\r\n:2\r\n:1\r\n:100\r\n:1\r\n" + "*1\r\n" + bulk("b"),
                "EXEC");
        expect(bulk("2x"), "GET", "b");
        expect(":100\r\n", "PTTL", "b");
        expect("-ERR EXEC without MULTI\r\n", "EXEC");
    }

    @Test
    void discardForgetsWhatWasQueued() throws IOException {
        expect("-ERR DISCARD without MULTI\r\n", "DISCARD");
        expect(OK, "MULTI");
        queue("SET", "k", "v");
        expect(OK, "DISCARD");
        expect(NIL, "GET", "k");
        expect(OK, "MULTI");
        queue("SET", "k", "v");
        expect("+RESET\r\n", "RESET");
        expect("-ERR EXEC without MULTI\r\n", "EXEC");
        expect(NIL, "GET", "k");
    }

    @Test
    void aRefusedCommandSpoilsTheTransaction() throws IOException {
        String[][] refused = {{"NOSUCH"}, {"GET"}, {"OBJECT", "nonsense"}, {"SAVE"}, {"SHUTDOWN"}};
        for (String[] words : refused) {
            expect(OK, "MULTI");
            queue("SET", "k", "v");
            assertTrue(client.call(words).startsWith("-ERR "));
            queue("SET", "k", "v");
            expect(ABORTED, "EXEC");
            expect(NIL, "GET", "k");
        }
        expect(OK, "MULTI");
        expect(
                "-EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command\r\n",
                "EXEC",
                "x");
        expect("-ERR EXEC without MULTI\r\n", "EXEC");
    }

    @Test
    void whatCannotBeQueuedSpoilsNothing() throws IOException {
        expect(OK, "MULTI");
        expect("-ERR MULTI calls can not be nested\r\n", "MULTI");
        expect("-ERR WATCH inside MULTI is not allowed\r\n", "WATCH", "k");
        queue("UNWATCH");
        queue("PING");
        expect("*2\r\n" + OK + "+PONG\r\n", "EXEC");
        expect(OK, "MULTI");
        client.send("QUIT");
        assertEquals(OK, client.untilClosed());
    }

    @Test
    void whatWasWatchedMustNotHaveChanged() throws IOException {
        String[][] changes = {
            {"SET", "k", "v"},
            {"DEL", "k"},
            {"APPEND", "k", ""},
            {"PEXPIRE", "k", "100"},
            {"RENAME", "k", "other"},
            {"COPY", "other", "k", "REPLACE"},
            {"MSET", "x", "1", "k", "v"},
            {"INCRBY", "k", "0"},
            {"GETDEL", "k"},
            {"FLUSHALL"},
            {"GETEX", "k", "EX", "100"},
        };
        for (String[] change : changes) {
            client.call("MSET", "k", "1", "other", "2");
            expect(OK, "WATCH", "none", "k");
            try (RespClient other = server.client()) {
                assertTrue(!other.call(change).startsWith("-"), change[0]);
            }
            expect(OK, "MULTI");
            queue("SET", "written", change[0]);
            expect(CHANGED, "EXEC");
            expect(NIL, "GET", "written");
            expect(OK, "MULTI"); // EXEC has ended the watch
            queue("PING");
            expect("*1\r\n+PONG\r\n", "EXEC");
        }
        client.call("HELLO", "3");
        client.call("WATCH", "k");
        client.call("SET", "k", "v");
        client.call("MULTI");
        expect("_\r\n", "EXEC");
    }

    @Test
    void readingOrChangingWhatIsNotWatchedDoesNotMatter() throws IOException {
        client.call("MSET", "k", "1", "other", "2");
        String[][] harmless = {
            {"GET", "k"},
            {"SET", "k", "v", "NX"},
            {"SETNX", "k", "v"},
            {"PERSIST", "k"},
            {"GETEX", "k"},
            {"SETRANGE", "k", "0", ""},
            {"RENAMENX", "other", "k"},
            {"RENAME", "k", "k"},
            {"COPY", "other", "k"},
            {"EXPIRE", "k", "10", "XX"},
            {"SET", "other", "3"},
            {"DEL", "none"},
            {"MSETNX", "k", "1", "y", "2"},
        };
        for (String[] command : harmless) {
            expect(OK, "WATCH", "k");
            client.call(command);
            expect(OK, "MULTI");
            queue("GET", "k");
            expect("*1\r\n" + bulk("1"), "EXEC");
        }
        client.call("WATCH", "k");
        client.call("SET", "k", "2");
        expect(OK, "UNWATCH");
        expect(OK, "MULTI");
        expect("*0\r\n", "EXEC");
        client.call("WATCH", "k");
        client.call("SET", "k", "3");
        client.call("MULTI");
        client.call("DISCARD");
        client.call("MULTI");
        expect("*0\r\n", "EXEC");
    }

    @Test
    void aWatchedKeyThatExpiresHasChanged() throws IOException {
        client.call("SET", "k", "v", "PX", "100");
        client.call("WATCH", "k");
        nowMillis.addAndGet(100);
        client.call("MULTI");
        queue("PING");
        expect(CHANGED, "EXEC");
        client.call("WATCH", "k");
        nowMillis.addAndGet(100);
        client.call("MULTI");
        queue("PING");
        expect("*1\r\n+PONG\r\n", "EXEC");
    }

    @Test
    void flushAllIsPartOfATransaction() throws IOException {
        client.call("MSET", "a", "1", "b", "2");
        client.call("MULTI");
        queue("SET", "a", "2");
        queue("FLUSHALL");
        queue("GET", "a");
        queue("SET", "c", "3");
        queue("DBSIZE");
        queue("SCAN", "0");
        queue("RANDOMKEY");
        expect("*7\r\n" + OK + OK + NIL + OK + ":1\r\n*2\r\n" + bulk("0") + "*1\r\n" + bulk("c") + bulk("c"), "EXEC");
        expect("*1\r\n" + bulk("c"), "KEYS", "*");
    }

    /** It once emptied the store, and then could not write. */
    @Test
    void aTransactionThatEmptiesTheStoreAndIsRefusedChangesNothing() throws IOException {
        client.call("MSET", "a", "1", "b", "2");
        client.call("MULTI");
        queue("FLUSHALL");
        String value = "x".repeat(900_000);
        for (int i = 0; i < 10; i++) {
            queue("SET", "k" + i, value);
        }
        String reply = client.call("EXEC");
        assertTrue(reply.startsWith("-ERR"), reply);
        expect(":2\r\n", "DBSIZE");
        expect(bulk("1"), "GET", "a");
    }

    @Test
    void largeValuesAreQueuedInsteadOfStreamed() throws IOException {
        String value = "x".repeat(5 << 20);
        client.call("MULTI");
        queue("SET", "k", value);
        queue("SET", "l", value, "NX", "GET");
        queue("COPY", "k", "m");
        queue("GETRANGE", "m", "0", "2");
        queue("STRLEN", "l");
        expect("*5\r\n" + OK + NIL + ":1\r\n" + bulk("xxx") + integer(5 << 20), "EXEC");
        for (String key : new String[] {"k", "l", "m"}) {
            expect(bulk(value), "GET", key);
        }
    }

    @Test
    void aTransactionHasItsLimits() throws IOException {
        String value = "x".repeat(30 << 20);
        client.call("MULTI");
        queue("SET", "k", value);
        queue("SET", "k", value);
        expect("-OOM the commands of a transaction take more than 64 MiB\r\n", "SET", "k", value);
        expect(ABORTED, "EXEC");
        expect(":0\r\n", "EXISTS", "k");
        client.call("MULTI");
        queue("SET", "k", value);
        queue("APPEND", "k", "x");
        expect(
                "*2\r\n" + OK + "-ERR commands of a transaction may change 16777216 bytes of values at most\r\n",
                "EXEC");
        expect(integer(30 << 20), "STRLEN", "k");
        String[] pairs = new String[41]; // more than the store's segment has room for, with no value large by itself
        pairs[0] = "MSET";
        for (int i = 1; i < pairs.length; i += 2) {
            pairs[i] = "key:" + i;
            pairs[i + 1] = "x".repeat(500_000);
        }
        expect("-ERR the batch does not fit a segment; values of 1 MiB and more do not count\r\n", pairs);
        expect(":1\r\n", "DBSIZE");
    }

    /** The half-way case, which needs more memory than there is, is {@link GreedyClientTest}'s. */
    @Test
    void aCommandThatFailsChangesNothingAndUndoesNothing() throws IOException {
        client.call("MULTI");
        queue("SET", "a", "1");
        queue("MSET", "b", "1", "k".repeat(70_000), "2");
        queue("RENAME", "absent", "b");
        queue("SET", "c", "1");
        expect("*4\r\n" + OK + "-ERR key is longer than 65536 bytes\r\n-ERR no such key\r\n" + OK, "EXEC");
        expect(":2\r\n", "EXISTS", "a", "b", "c");
    }

    @Test
    void aClientThatGoesAwayLeavesNothingBehind() throws Exception {
        try (RespClient other = server.client()) {
            other.call("WATCH", "k");
            other.call("MULTI");
            other.call("SET", "k", "x".repeat(100_000));
            assertTrue(client.call("CLIENT", "LIST").contains(" multi=1 "));
            assertTrue(client.call("CLIENT", "LIST").contains(" flags=x "));
        }
        TestServer.await(
                "the connection is gone", () -> !client.call("CLIENT", "LIST").contains(" multi=1 "));
        expect(NIL, "GET", "k");
    }

    @Test
    void writersBesideTheServerNeverComeBetween() throws Exception {
        int rounds = 1_000;
        client.call("MSET", "a", "0", "b", "0");
        Thread embedder = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < rounds; i++) {
                server.store().compute("a".getBytes(UTF_8), CounterCommandsTest::plusOne);
            }
        });
        for (int i = 0; i < rounds; i++) {
            client.call("MULTI");
            client.call("INCR", "a");
            client.call("INCR", "b");
            client.call("INCR", "a");
            String reply = client.call("EXEC");
            assertTrue(reply.startsWith("*3\r\n"), reply);
            long first = Long.parseLong(reply.substring("*3\r\n:".length(), reply.indexOf("\r\n", 4)));
            assertTrue(reply.endsWith(integer(first + 1)), reply);
        }
        embedder.join();
        expect("*2\r\n" + bulk("" + 3 * rounds) + bulk("" + rounds), "MGET", "a", "b");
    }

    @Test
    void transactionsOfSeveralEventLoopsDoNotMix(@TempDir Path other) throws Exception {
        int rounds = 500;
        int clients = 3;
        try (TestServer loops = new TestServer(other, ServerOptions.defaults().withEventLoops(clients))) {
            ExecutorService threads = Executors.newFixedThreadPool(clients);
            try {
                List<Future<?>> running = new ArrayList<>();
                for (int i = 0; i < clients; i++) {
                    running.add(threads.submit(() -> {
                        try (RespClient own = loops.client()) {
                            for (int j = 0; j < rounds; j++) {
                                own.call("MULTI");
                                own.call("INCR", "a");
                                own.call("INCR", "b");
                                String[] counts = own.call("EXEC").split("\r\n", -1);
                                assertEquals(counts[1], counts[2]);
                            }
                        }
                        return null;
                    }));
                }
                for (Future<?> end : running) {
                    end.get();
                }
            } finally {
                threads.shutdown();
            }
            try (RespClient own = loops.client()) {
                String sum = bulk("" + clients * rounds);
                assertEquals("*2\r\n" + sum + sum, own.call("MGET", "a", "b"));
            }
        }
    }

    /** A reply is counted by what it takes, not by a buffer for each command. */
    @Test
    void twoThousandScansInATransactionAreAnswered() throws IOException {
        client.call("SET", "k", "v");
        client.call("MULTI");
        StringBuilder scans = new StringBuilder();
        for (int i = 0; i < 2000; i++) {
            scans.append("SCAN 0\r\n");
        }
        client.sendRaw(scans.toString());
        for (int i = 0; i < 2000; i++) {
            assertEquals("+QUEUED\r\n", client.reply());
        }
        String one = "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nk\r\n";
        assertEquals("*2000\r\n" + one.repeat(2000), client.call("EXEC"));
    }

    /** The array of EXEC has an element for each command; one that takes its reply away would shift all that follow. */
    @ParameterizedTest
    @ValueSource(strings = {"ON", "OFF", "SKIP", "nonsense"})
    void clientReplyIsRefusedInATransaction(String mode) throws IOException {
        expect(OK, "MULTI");
        queue("SET", "k", "v");
        expect("-ERR Command not allowed inside a transaction\r\n", "CLIENT", "REPLY", mode);
        queue("PING");
        expect(ABORTED, "EXEC");
        expect(NIL, "GET", "k");
        expect("+PONG\r\n", "PING");
    }

    @Test
    void everyCommandInATransactionLeavesOneReply() throws IOException {
        String list = client.call("COMMAND", "LIST", "FILTERBY", "PATTERN", "*");
        List<String> names = new ArrayList<>(ReplyComparison.elements(list));
        names.replaceAll(name -> name.substring(name.indexOf('\n') + 1).strip());
        assertTrue(names.size() > 100 && names.contains("client|reply"), list);
        for (String name : names) {
            List<String> words = List.of(name.split("\\|", -1));
            leavesOneReply(words);
            for (String argument : List.of("1", "OFF", "SKIP")) {
                List<String> longer = new ArrayList<>(words);
                for (int i = 0; i < 4; i++) {
                    longer.add(argument);
                    leavesOneReply(longer);
                }
            }
        }
    }

    private void leavesOneReply(List<String> words) throws IOException {
        if (List.of("exec", "discard", "reset", "quit", "multi").contains(words.getFirst())) {
            return; // not queued
        }
        String request = String.join(" ", words);
        expect(OK, "MULTI");
        String queued = client.call(words.toArray(new String[0]));
        if (queued.equals(QUEUED)) {
            client.send("EXEC");
            assertEquals("*1", client.line(), request);
            client.reply();
        } else {
            assertEquals('-', queued.charAt(0), request);
            client.call("DISCARD");
        }
        expect(bulk(request), "ECHO", request);
    }
}
