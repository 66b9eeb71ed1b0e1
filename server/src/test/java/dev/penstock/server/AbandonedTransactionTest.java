package dev.penstock.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A transaction that takes many turns, and whose client ends before it is committed. */
class AbandonedTransactionTest {

    private static final int COMMANDS = 200;
    private static final int FEW_COMMANDS = 10;
    private static final Pattern CALLS = Pattern.compile("cmdstat_lcs:calls=(\\d+)");

    private static final Pattern MEMORY = Pattern.compile("mem_clients_normal:(\\d+)");

    @TempDir
    Path directory;

    enum End {
        RESET,
        KILLED
    }

    @ParameterizedTest
    @EnumSource(End.class)
    void nothingMoreOfItIsExecutedAndNothingIsWritten(End end) throws Exception {
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client();
                RespClient other = server.client()) {
            String id = client.call("CLIENT", "ID").substring(1).strip();
            long memory = memory(other);
            begin(client, COMMANDS);
            TestServer.await("it is executed", () -> calls(other) > 0);
            if (end == End.RESET) {
                client.socket().setSoLinger(true, 0);
                client.socket().close();
            } else {
                assertEquals(":1\r\n", other.call("CLIENT", "KILL", "ID", id));
            }
            TestServer.await(
                    "the client is forgotten",
                    () -> !other.call("CLIENT", "LIST").contains("id=" + id + " "));
            int calls = calls(other);
            assertTrue(calls < COMMANDS, "all of it was executed");
            assertEquals("$-1\r\n", other.call("GET", "written"));
            assertEquals("+PONG\r\n", other.call("PING"));
            assertEquals(calls, calls(other), "it goes on");
            TestServer.await("its memory is given back", () -> memory(other) <= memory);
        }
    }

    /** It was received whole: whoever closes the sending side alone waits for the reply. */
    @Test
    void aClientThatSendsNoMoreGetsTheReply() throws Exception {
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client();
                RespClient other = server.client()) {
            begin(client, FEW_COMMANDS);
            client.send("ECHO", "pipelined");
            client.socket().shutdownOutput();
            TestServer.await("it is executed", () -> calls(other) > 0);
            assertEquals("*" + (FEW_COMMANDS + 1), client.line());
            assertEquals("+OK\r\n", client.reply());
            for (int i = 0; i < FEW_COMMANDS; i++) {
                assertTrue(client.reply().startsWith("$"));
            }
            assertEquals("$9\r\npipelined\r\n", client.reply());
            assertEquals("", client.untilClosed());
            assertEquals("$1\r\nv\r\n", other.call("GET", "written"));
        }
    }

    /** What waits for it counts in CLIENT LIST as what came with it does. */
    @Test
    void whatIsSentMeanwhileShowsInTheClientList() throws Exception {
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client();
                RespClient other = server.client()) {
            String id = client.call("CLIENT", "ID").substring(1).strip();
            begin(client, COMMANDS);
            TestServer.await("it is executed", () -> calls(other) > 0);
            client.sendRaw("PING\r\n".repeat(5000));
            TestServer.await(
                    "it has arrived",
                    () -> other.call("CLIENT", "LIST", "ID", id).matches("(?s).* qbuf=[3-9]\\d{4} qbuf-free=\\d+ .*"));
            assertTrue(calls(other) < COMMANDS, "all of it was executed");
        }
    }

    /** Has a client execute a transaction, and returns when it is queued. */
    private static void begin(RespClient client, int commands) throws IOException {
        client.call("MSET", "text", "ab".repeat(2000), "text2", "ba".repeat(1900));
        ByteArrayOutputStream requests = new ByteArrayOutputStream();
        requests.writeBytes(RespClient.encoded("MULTI"));
        requests.writeBytes(RespClient.encoded("SET", "written", "v"));
        for (int i = 0; i < commands; i++) {
            requests.writeBytes(RespClient.encoded("LCS", "text", "text2"));
        }
        client.out().write(requests.toByteArray());
        for (int i = 0; i < commands + 2; i++) {
            client.reply();
        }
        client.send("EXEC");
    }

    private static long memory(RespClient client) throws IOException {
        Matcher memory = MEMORY.matcher(client.call("INFO", "memory"));
        assertTrue(memory.find());
        return Long.parseLong(memory.group(1));
    }

    private static int calls(RespClient client) throws IOException {
        Matcher calls = CALLS.matcher(client.call("INFO", "commandstats"));
        return calls.find() ? Integer.parseInt(calls.group(1)) : 0;
    }
}
