package dev.penstock.server.keyspace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.DamagedValue;
import dev.penstock.server.RespClient;
import dev.penstock.server.TestServer;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.check.StoreVerifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No command makes a value of a damaged one, whose checksum would match, where reads do not verify. */
class DamagedCopyTest {

    private static final StoreOptions OPTIONS = StoreOptions.defaults().withSegmentSize(8L << 20);
    private static final String DAMAGED = "-ERR the stored data is damaged; see the server's log\r\n";

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {1000, 100_000, 2_000_000, 9_000_000})
    void aDamagedValueIsNotWrittenAnew(int length) throws IOException {
        DamagedValue.store(directory, OPTIONS, length);
        try (TestServer server = new TestServer(directory, OPTIONS);
                RespClient client = server.client()) {
            for (List<String> command : List.of(
                    List.of("RENAME", "k", "copy"),
                    List.of("RENAMENX", "k", "copy"),
                    List.of("COPY", "k", "copy"),
                    List.of("APPEND", "k", "x"),
                    List.of("SETRANGE", "k", "0", "x"),
                    List.of("SETRANGE", "k", Integer.toString(length), "x"))) {
                assertEquals(DAMAGED, call(client, command), command::toString);
                client.call("MULTI");
                call(client, command);
                String reply = client.call("EXEC");
                assertTrue(reply.endsWith(DAMAGED), () -> "MULTI " + command + ": " + reply);
            }
            for (List<String> command : List.of(List.of("EXPIRE", "k", "100"), List.of("GETEX", "k", "EX", "100"))) {
                client.call("MULTI");
                call(client, command);
                assertEquals(DAMAGED, client.call("EXEC"), command::toString);
            }
            assertEquals(":-1\r\n", client.call("TTL", "k"));
            assertEquals(":0\r\n", client.call("EXISTS", "copy"));
            assertEquals(":" + length + "\r\n", client.call("STRLEN", "k"));
        }
        assertFalse(StoreVerifier.verify(directory, ProgressListener.NONE).isSound(), "the damage is still found");
    }

    @ParameterizedTest
    @ValueSource(strings = {"INCR", "DECR"})
    void noNumberIsMadeOfADamagedValue(String command) throws IOException {
        DamagedValue.store(directory, OPTIONS, 1000);
        try (TestServer server = new TestServer(directory, OPTIONS);
                RespClient client = server.client()) {
            assertEquals(DAMAGED, client.call(command, "k"));
            assertEquals(DAMAGED, client.call(command + "BY", "k", "2"));
            assertEquals(DAMAGED, client.call("INCRBYFLOAT", "k", "0.5"));
        }
    }

    /** The expiry of a value is written with the checksum that the value had. */
    @ParameterizedTest
    @ValueSource(ints = {1000, 2_000_000})
    void aDamagedValueCanBeReplacedAndRemoved(int length) throws IOException {
        DamagedValue.store(directory, OPTIONS, length);
        try (TestServer server = new TestServer(directory, OPTIONS);
                RespClient client = server.client()) {
            assertEquals(":1\r\n", client.call("EXPIRE", "k", "100"));
            assertTrue(client.call("GET", "k").startsWith("$" + length + "\r\n"), "reads do not verify");
            assertEquals("+OK\r\n", client.call("SET", "k", "sound", "KEEPTTL"));
            assertEquals("$5\r\nsound\r\n", client.call("GETDEL", "k"));
        }
    }

    private static String call(RespClient client, List<String> command) throws IOException {
        return client.call(command.toArray(String[]::new));
    }
}
