package dev.penstock.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.server.RespClient;
import dev.penstock.server.TestServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Commands over a real socket against a real store, reply by reply. */
abstract class CommandTestCase {

    static final String OK = "+OK\r\n";
    static final String NIL = "$-1\r\n";
    static final String SYNTAX_ERROR = "-ERR syntax error\r\n";
    static final String NOT_AN_INTEGER = "-ERR value is not an integer or out of range\r\n";

    @TempDir
    Path directory;

    /** What says which values have expired; it stands still until a test moves it. */
    final AtomicLong nowMillis = new AtomicLong(1_700_000_000_000L);

    TestServer server;
    RespClient client;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(directory, () -> Instant.ofEpochMilli(nowMillis.get()));
        client = server.client();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    void expect(String reply, String... words) throws IOException {
        assertEquals(reply, client.call(words), String.join(" ", words));
    }

    static String integer(long value) {
        return ":" + value + "\r\n";
    }

    static String bulk(String value) {
        return "$" + value.length() + "\r\n" + value + "\r\n";
    }
}
