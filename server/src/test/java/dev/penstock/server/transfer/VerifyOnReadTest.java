package dev.penstock.server.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.DamagedValue;
import dev.penstock.server.RespClient;
import dev.penstock.server.TestServer;
import dev.penstock.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where values are verified when they are read, those that are not read are not, and no damaged one gets out. */
class VerifyOnReadTest {

    private static final StoreOptions OPTIONS =
            StoreOptions.defaults().withSegmentSize(8L << 20).withVerifyOnRead(true);

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {1000, 100_000, 2_000_000})
    void whatNeedsNoByteOfAValueReadsNone(int length) throws IOException {
        DamagedValue.store(directory, OPTIONS, length);
        try (TestServer server = new TestServer(directory, OPTIONS);
                RespClient client = server.client()) {
            assertEquals(":" + length + "\r\n", client.call("STRLEN", "k"));
            assertEquals(":-1\r\n", client.call("TTL", "k"));
            assertEquals(":0\r\n", client.call("PERSIST", "k"));
            assertEquals(":" + (length + 49) + "\r\n", client.call("MEMORY", "USAGE", "k"));
            assertEquals("+string\r\n", client.call("TYPE", "k"));
            assertEquals(":1\r\n", client.call("EXISTS", "k"));
            assertEquals("$3\r\nraw\r\n", client.call("OBJECT", "ENCODING", "k"));
            assertEquals("*1\r\n$1\r\nk\r\n", client.call("KEYS", "*"));
            assertEquals("*2\r\n$1\r\n0\r\n*1\r\n$1\r\nk\r\n", client.call("SCAN", "0"));
            assertEquals("$1\r\nk\r\n", client.call("RANDOMKEY"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 100_000, 2_000_000})
    void noByteOfADamagedValueGetsOut(int length) throws IOException {
        DamagedValue.store(directory, OPTIONS, length);
        try (TestServer server = new TestServer(directory, OPTIONS);
                RespClient client = server.client()) {
            client.call("SET", "sound", "value");
            for (List<String> command : List.of(
                    List.of("GET", "k"),
                    List.of("MGET", "sound", "k"),
                    List.of("GETRANGE", "k", "0", "0"),
                    List.of("GETRANGE", "k", "1", "-1"),
                    List.of("GETEX", "k", "EX", "100"),
                    List.of("GETSET", "k", "other"),
                    List.of("SET", "k", "other", "GET"),
                    List.of("GETDEL", "k"),
                    List.of("LCS", "k", "sound"),
                    List.of("APPEND", "k", "x"),
                    List.of("SETRANGE", "k", "0", "x"),
                    List.of("COPY", "k", "copy"),
                    List.of("RENAME", "k", "copy"))) {
                String reply = client.call(command.toArray(String[]::new));
                assertTrue(reply.startsWith("-"), command + ": " + reply.substring(0, Math.min(100, reply.length())));
            }
            assertEquals(":" + length + "\r\n", client.call("STRLEN", "k"), "the value is as it was");
            assertEquals(":-1\r\n", client.call("TTL", "k"));
            assertEquals("$5\r\nvalue\r\n", client.call("GET", "sound"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 100_000, 2_000_000})
    void inATransactionTheOthersAreAnswered(int length) throws IOException {
        DamagedValue.store(directory, OPTIONS, length);
        try (TestServer server = new TestServer(directory, OPTIONS);
                RespClient client = server.client()) {
            client.call("SET", "sound", "value");
            client.call("MULTI");
            client.call("GET", "k");
            client.call("GET", "sound");
            String reply = client.call("EXEC");
            assertTrue(reply.startsWith("*2\r\n-"), reply.substring(0, Math.min(100, reply.length())));
            assertTrue(reply.endsWith("\r\n$5\r\nvalue\r\n"), "the second one");
        }
    }
}
