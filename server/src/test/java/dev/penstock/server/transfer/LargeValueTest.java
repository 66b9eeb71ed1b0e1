package dev.penstock.server.transfer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.ChildServer;
import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestServer;
import dev.penstock.server.TransferMode;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Values that are streamed: in from the socket, out from the file, in step with everything around them. */
class LargeValueTest {

    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    @Test
    void everySizeComesBackAsItWas() throws Exception {
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client()) {
            int[] sizes = {
                0,
                1,
                100,
                32 * 1024 - 20,
                32 * 1024,
                64 * 1024 - 1,
                64 * 1024,
                64 * 1024 + 1,
                200_000,
                MIB - 1,
                MIB,
                MIB + 1,
                5 * MIB + 3
            };
            for (int size : sizes) {
                byte[] value = bytes(size, size);
                set(client, "k" + size, value);
                assertEquals("+OK", client.line(), size + " bytes");
            }
            for (int size : sizes) {
                client.send("GET", "k" + size);
                assertArrayEquals(bytes(size, size), bulk(client), size + " bytes");
                assertEquals(":" + size + "\r\n", client.call("STRLEN", "k" + size));
            }
        }
    }

    @Test
    void aServerWithASmallHeapTakesAndGivesLargeValuesOfSeveralClientsAtOnce() throws Exception {
        int clients = 3;
        int size = 64 * MIB;
        try (ChildServer server =
                        new ChildServer(directory, "", "-Xmx20m", "-XX:MaxDirectMemorySize=12m", "-XX:+UseSerialGC");
                ExecutorService threads = Executors.newFixedThreadPool(clients)) {
            Callable<Void> roundTrip = () -> {
                long seed = Thread.currentThread().threadId();
                String key = "k" + seed;
                byte[] value = bytes(size, seed);
                try (RespClient client = new RespClient(server.port())) {
                    set(client, key, value);
                    assertEquals("+OK", client.line());
                    client.send("GET", key);
                    assertTrue(Arrays.equals(value, bulk(client)), "the value of " + key);
                }
                return null;
            };
            for (Future<Void> done : threads.invokeAll(Collections.nCopies(clients, roundTrip))) {
                done.get();
            }
        }
    }

    @Test
    void optionsBehindALargeValueAreObeyed() throws Exception {
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client()) {
            byte[] one = bytes(2 * MIB, 1);
            byte[] two = bytes(2 * MIB, 2);
            setWith(client, "k", one, "XX");
            assertEquals("$-1", client.line());
            setWith(client, "k", one, "NX");
            assertEquals("+OK", client.line());
            setWith(client, "k", two, "NX");
            assertEquals("$-1", client.line());
            setWith(client, "k", two, "GET");
            assertArrayEquals(one, bulk(client));
            setWith(client, "k", one, "nonsense");
            assertEquals("-ERR syntax error", client.line());
            client.send("GET", "k");
            assertArrayEquals(two, bulk(client));
            assertEquals(":1\r\n", client.call("DBSIZE"));
        }
    }

    @Test
    void largeAndSmallRepliesOfOnePipelineStayInOrder() throws Exception {
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client()) {
            byte[] large = bytes(3 * MIB, 3);
            byte[] middle = bytes(40_000, 4);
            set(client, "large", large);
            set(client, "middle", middle);
            client.send("SET", "small", "s");
            for (int i = 0; i < 3; i++) {
                assertEquals("+OK", client.line());
            }
            StringBuilder pipeline = new StringBuilder();
            int rounds = 20;
            for (int i = 0; i < rounds; i++) {
                pipeline.append("GET small\r\nGET large\r\nMGET small middle none large small\r\n");
                pipeline.append("GETRANGE large 7 500006\r\nPING\r\n");
            }
            client.sendRaw(pipeline.toString());
            for (int i = 0; i < rounds; i++) {
                assertArrayEquals(new byte[] {'s'}, bulk(client));
                assertArrayEquals(large, bulk(client));
                assertEquals("*5", client.line());
                assertArrayEquals(new byte[] {'s'}, bulk(client));
                assertArrayEquals(middle, bulk(client));
                assertEquals("$-1", client.line());
                assertArrayEquals(large, bulk(client));
                assertArrayEquals(new byte[] {'s'}, bulk(client));
                assertArrayEquals(Arrays.copyOfRange(large, 7, 500_007), bulk(client));
                assertEquals("+PONG", client.line());
            }
        }
    }

    @Test
    void aValueBeingSentSurvivesItsOverwritingAndDeletion() throws Exception {
        try (TestServer server = new TestServer(directory);
                RespClient reader = server.client();
                RespClient writer = server.client()) {
            byte[] value = bytes(32 * MIB, 5);
            set(writer, "k", value);
            assertEquals("+OK", writer.line());
            reader.send("GET", "k");
            assertEquals("$" + value.length, reader.line());
            set(writer, "k", bytes(2 * MIB, 6));
            assertEquals("+OK", writer.line());
            assertEquals(":1\r\n", writer.call("DEL", "k"));
            byte[] received = new byte[value.length];
            reader.in().readFully(received);
            assertArrayEquals(value, received);
        }
    }

    @Test
    void anUploadCutShortLeavesNothingBehind() throws Exception {
        try (TestServer server = new TestServer(directory);
                RespClient other = server.client()) {
            other.call("SET", "k", "old");
            int before = fileCount();
            RespClient client = server.client();
            client.sendRaw("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$" + 64 * MIB + "\r\n");
            client.out().write(new byte[8 * MIB]);
            TestServer.await("the upload is under way", () -> fileCount() > before);
            client.socket().setSoLinger(true, 0); // reset, not a polite end
            client.close();
            TestServer.await("the upload is dropped", () -> fileCount() == before);
            assertEquals("$3\r\nold\r\n", other.call("GET", "k"));
            TestServer.await(
                    "the client is forgotten",
                    () -> other.call("INFO", "clients").contains("connected_clients:1\r\n"));
        }
    }

    @Test
    void aDownloadCutShortEndsThatConnectionOnly() throws Exception {
        try (TestServer server = new TestServer(directory);
                RespClient other = server.client()) {
            set(other, "k", bytes(32 * MIB, 7));
            assertEquals("+OK", other.line());
            long withValue = server.store().fileBytes();
            for (int i = 0; i < 5; i++) {
                RespClient client = server.client();
                client.send("GET", "k");
                client.in().readFully(new byte[100_000]);
                client.socket().setSoLinger(true, 0);
                client.close();
            }
            TestServer.await(
                    "the broken connections are gone",
                    () -> other.call("INFO", "clients").contains("connected_clients:1\r\n"));
            assertEquals(":1\r\n", other.call("DEL", "k"));
            TestServer.await("no lease holds the file", () -> server.store().fileBytes() < withValue);
        }
    }

    @Test
    void aRefusedUploadIsAnsweredWithAnErrorAndTheConnectionStaysInStep() throws Exception {
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client()) {
            set(client, "x".repeat(70_000), bytes(3 * MIB, 8));
            client.send("PING");
            assertEquals("-ERR key is longer than 65536 bytes", client.line());
            assertEquals("+PONG", client.line());
            client.sendRaw("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$" + (1L << 40) + "\r\nabc");
            assertTrue(server.client().call("PING").startsWith("+PONG"), "a terabyte promised harms nobody else");
        }
    }

    @Test
    void noValueIsLongerThanTheSettingAllows() throws Exception {
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client();
                RespClient other = server.client()) {
            assertTrue(client.call("CONFIG", "GET", "proto-max-bulk-len").contains("1099511627776"));
            assertTrue(
                    client.call("CONFIG", "SET", "proto-max-bulk-len", "1000").startsWith("-ERR CONFIG SET failed"));
            assertEquals("+OK\r\n", client.call("CONFIG", "SET", "proto-max-bulk-len", Integer.toString(3 * MIB)));
            set(client, "k", bytes(3 * MIB, 1));
            assertEquals("+OK", client.line());
            String tooLong = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n";
            assertEquals(tooLong, client.call("APPEND", "k", "x"));
            assertEquals(tooLong, client.call("SETRANGE", "k", Integer.toString(3 * MIB), "x"));
            assertEquals(":" + 3 * MIB + "\r\n", client.call("SETRANGE", "k", Integer.toString(3 * MIB - 1), "x"));
            other.sendRaw("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$" + (3 * MIB + 1) + "\r\n");
            assertEquals("-ERR Protocol error: invalid bulk length\r\n", other.untilClosed());
            assertEquals(":" + 3 * MIB + "\r\n", client.call("STRLEN", "k"));
        }
    }

    @Test
    void aLargeValueGrowsByAppend() throws Exception {
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client()) {
            byte[] value = bytes(3 * MIB + 1, 9);
            set(client, "k", value);
            assertEquals("+OK", client.line());
            assertEquals(":" + (value.length + 3) + "\r\n", client.call("APPEND", "k", "xyz"));
            client.send("GET", "k");
            byte[] expected = Arrays.copyOf(value, value.length + 3);
            System.arraycopy("xyz".getBytes(ISO_8859_1), 0, expected, value.length, 3);
            assertArrayEquals(expected, bulk(client));
        }
    }

    private static void set(RespClient client, String key, byte[] value) throws IOException {
        setWith(client, key, value);
    }

    private static void setWith(RespClient client, String key, byte[] value, String... options) throws IOException {
        OutputStream out = client.out();
        String head = "*" + (3 + options.length) + "\r\n$3\r\nSET\r\n$" + key.length() + "\r\n" + key + "\r\n$"
                + value.length + "\r\n";
        out.write(head.getBytes(ISO_8859_1));
        out.write(value);
        StringBuilder tail = new StringBuilder("\r\n");
        for (String option : options) {
            tail.append('$')
                    .append(option.length())
                    .append("\r\n")
                    .append(option)
                    .append("\r\n");
        }
        out.write(tail.toString().getBytes(ISO_8859_1));
    }

    private int fileCount() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return (int) files.count();
        }
    }

    private static byte[] bulk(RespClient client) throws IOException {
        String head = client.line();
        assertEquals('$', head.charAt(0), head);
        DataInputStream in = client.in();
        byte[] value = new byte[Integer.parseInt(head.substring(1))];
        in.readFully(value);
        assertEquals("", client.line());
        return value;
    }

    private static byte[] bytes(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Room is taken for what has arrived, not for what was announced. */
    @ParameterizedTest
    @EnumSource(TransferMode.class)
    void whatIsAnnouncedAndNotSentTakesNoRoom(TransferMode mode) throws Exception {
        List<RespClient> liars = new ArrayList<>();
        try (TestServer server =
                new TestServer(directory, ServerOptions.defaults().withTransferMode(mode))) {
            long before = reservedBytes();
            for (int i = 0; i < 20; i++) {
                RespClient liar = server.client();
                liars.add(liar);
                liar.sendRaw("*3\r\n$3\r\nSET\r\n$2\r\nk" + i % 10 + "\r\n$500000000\r\nten bytes.");
            }
            TestServer.await("all have begun", () -> valueFiles() == 20);
            for (RespClient liar : liars.subList(0, 2)) {
                liar.out().write(new byte[10 << 20]);
            }
            TestServer.await("much has arrived", () -> reservedBytes() - before >= 20L << 20);
            assertTrue(reservedBytes() - before <= 20 * (2L << 20) + 2 * (20L << 20), "reserved " + reservedBytes());
        } finally {
            for (RespClient liar : liars) {
                liar.close();
            }
        }
        assertEquals(0, valueFiles());
    }

    private long valueFiles() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".value")).count();
        }
    }

    /** Blocks that the file system has given to the files of large values, in bytes. */
    private long reservedBytes() throws IOException {
        long sum = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(name -> name.toString().endsWith(".value")).toList()) {
                sum += Files.size(file);
            }
        }
        return sum;
    }
}
