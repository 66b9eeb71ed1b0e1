package dev.penstock.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestClock;
import dev.penstock.server.TestServer;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever holds a connection, a buffer or a file without getting on loses it. Time passes by the test's own clock. */
class TimeOutTest {

    private static final Duration TICK = Duration.ofSeconds(1);

    @TempDir
    Path directory;

    private final TestClock clock = new TestClock();
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(directory, ServerOptions.defaults(), clock);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Time in small steps, and the server sees each of them. */
    private void pass(long seconds) throws IOException {
        for (long i = 0; i < seconds; i++) {
            clock.advance(TICK);
            try (RespClient other = server.client()) {
                assertEquals("+PONG\r\n", other.call("PING"));
            }
        }
    }

    /** A field of the line of the client with this name, from CLIENT LIST. */
    private long field(String name, String field) throws IOException {
        try (RespClient other = server.client()) {
            for (String line : other.call("CLIENT", "LIST").split("\n", -1)) {
                if (line.contains(" name=" + name + " ")) {
                    String rest = line.substring(line.indexOf(" " + field + "=") + field.length() + 2);
                    return Long.parseLong(rest.substring(0, rest.indexOf(' ')));
                }
            }
        }
        return -1;
    }

    private long timedOut() throws IOException {
        try (RespClient other = server.client()) {
            String info = other.call("INFO", "penstock");
            return Long.parseLong(info.replaceFirst("(?s).*timed_out_connections:(\\d+).*", "$1"));
        }
    }

    private RespClient named(String name) throws IOException {
        RespClient client = server.client();
        assertEquals("+OK\r\n", client.call("CLIENT", "SETNAME", name));
        return client;
    }

    /** A pool may keep connections in stock: as in Redis, nobody has to ask for anything. */
    @Test
    void whoNeverAsksForAnythingStaysConnected() throws Exception {
        try (RespClient silent = server.client()) {
            TestServer.await("it is connected", () -> clients() >= 2);
            pass(400);
            assertEquals("+PONG\r\n", silent.call("PING"));
            assertEquals(0, timedOut());
            assertTrue(silent.call("CONFIG", "GET", "timeout").endsWith("$1\r\n0\r\n"));
        }
    }

    private int clients() throws IOException {
        try (RespClient other = server.client()) {
            return Integer.parseInt(
                    other.call("INFO", "clients").replaceFirst("(?s).*connected_clients:(\\d+).*", "$1"));
        }
    }

    @Test
    void slowLorisIsClosedAfterThirtySecondsHoweverOftenItSendsAByte() throws Exception {
        try (RespClient loris = named("loris")) {
            loris.sendRaw("*2\r\n$3\r\nGET\r\n$1000\r\n");
            TestServer.await("its request has begun", () -> field("loris", "qbuf") > 0);
            for (int i = 0; i < 14; i++) {
                pass(2);
                loris.sendRaw("x");
            }
            assertEquals(0, timedOut());
            pass(4);
            assertEnded(loris);
            assertEquals(1, timedOut());
        }
    }

    @Test
    void aBulkPromisedAndNeverSentIsClosedAndNothingOfItIsLeft() throws Exception {
        try (RespClient liar = named("liar")) {
            liar.sendRaw("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$500000000\r\nbeginning");
            TestServer.await("the upload has begun", () -> valueFiles() > 0);
            pass(33);
            assertEnded(liar);
            assertEquals(1, timedOut());
            TestServer.await("the value's file is gone", () -> valueFiles() == 0);
            assertEquals(0, server.store().count());
        }
    }

    private long valueFiles() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().contains(".value")).count();
        }
    }

    /** Slow is not dead: a large value on a thin line takes as long as it takes. */
    @Test
    void anUploadThatGetsOnIsNotTimedOut() throws Exception {
        int part = 20_000;
        int parts = 60;
        try (RespClient slow = named("slow")) {
            slow.sendRaw("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$" + part * parts + "\r\n");
            for (int i = 0; i < parts; i++) {
                long before = received();
                slow.sendRaw("x".repeat(part));
                TestServer.await("the part has arrived", () -> received() >= before + part);
                pass(25);
            }
            slow.sendRaw("\r\n");
            assertEquals("+OK\r\n", slow.reply());
        }
    }

    private long received() throws IOException {
        try (RespClient other = server.client()) {
            return Long.parseLong(
                    other.call("INFO", "stats").replaceFirst("(?s).*total_net_input_bytes:(\\d+).*", "$1"));
        }
    }

    @Test
    void aReaderWhoNeverReadsIsClosedAfterAMinuteAndItsLeaseEnds() throws Exception {
        int length = 30_000_000;
        try (RespClient deaf = named("deaf")) {
            try (RespClient writer = server.client()) {
                writer.call("SET", "k", "x".repeat(length));
            }
            deaf.send("GET", "k");
            TestServer.await("the reply is under way", () -> field("deaf", "oll") > 0);
            try (RespClient writer = server.client()) {
                writer.call("DEL", "k");
            }
            long held = fileBytes();
            assertTrue(held > length, "the lease keeps the deleted value: " + held);
            pass(55);
            assertEquals(0, timedOut());
            pass(10);
            TestServer.await("it is timed out", () -> timedOut() == 1);
            TestServer.await("it is forgotten", () -> field("deaf", "oll") == -1);
            TestServer.await("the value's room is given back", () -> fileBytes() < length);
        }
    }

    private long fileBytes() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            long mapped = 0;
            for (Path descriptor : open.toList()) {
                mapped += heldBytes(descriptor);
            }
            return mapped;
        }
    }

    /** Bytes of a value's file that is open; deleted ones count as well. */
    private long heldBytes(Path descriptor) {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            boolean value = target.startsWith(directory.toString()) && target.contains(".value");
            return value ? Files.size(descriptor) : 0;
        } catch (IOException closed) {
            return 0;
        }
    }

    /** Someone cuts the file of a value that is on its way: no byte follows, and the socket is ready for ever. */
    @Test
    void aTransferBeyondTheEndOfItsFileEnds() throws Exception {
        int length = 30_000_000;
        try (RespClient reader = named("reader")) {
            try (RespClient writer = server.client()) {
                writer.call("SET", "k", "x".repeat(length));
            }
            reader.send("GET", "k");
            TestServer.await("the reply is under way", () -> field("reader", "oll") > 0);
            cutValueFile();
            long[] received = {0};
            try {
                for (int read = reader.in().read(new byte[65536]); read >= 0; ) {
                    received[0] += read;
                    read = reader.in().read(new byte[65536]);
                }
            } catch (SocketException reset) {
                // as good an end
            }
            assertTrue(received[0] < length, "the whole value came");
            assertEquals(0, timedOut(), "it was found out without waiting");
        }
    }

    private void cutValueFile() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            Path file = files.filter(name -> name.toString().endsWith(".value"))
                    .findFirst()
                    .orElseThrow();
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(4096);
            }
        }
    }

    @Test
    void idleClientsAreClosedAfterTheTimeOutOnlyIfThereIsOne() throws Exception {
        try (RespClient idle = named("idle")) {
            assertEquals("+OK\r\n", idle.call("CONFIG", "SET", "timeout", "300"));
            pass(290);
            assertEquals("+PONG\r\n", idle.call("PING"));
            pass(290);
            assertEquals(0, timedOut());
            pass(12);
            assertEnded(idle);
            assertEquals(1, timedOut());
        }
        try (RespClient idle = named("idle")) {
            assertEquals("+OK\r\n", idle.call("CONFIG", "SET", "timeout", "0"));
            pass(700);
            assertEquals("+PONG\r\n", idle.call("PING"));
            assertEquals("+OK\r\n", idle.call("CONFIG", "SET", "timeout", "20"));
            pass(32);
            assertEnded(idle);
        }
    }

    private static void assertEnded(RespClient client) throws IOException {
        try {
            assertEquals("", client.untilClosed());
        } catch (SocketException | EOFException reset) {
            // it had sent what nobody will read any more
        }
    }
}
