package dev.penstock.server.transfer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestServer;
import dev.penstock.server.TransferMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** In every transfer mode values arrive as they were, and INFO says by which way they really went. */
class TransferModeTest {

    private static final int MIB = 1 << 20;

    /** Aligned in the log, barely in a separate segment, and several turns with an odd end. */
    private static final int[] SIZES = {40_000, MIB + 1, 9 * MIB + 12_345};

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(TransferMode.class)
    void valuesComeBackAsTheyWere(TransferMode mode) throws Exception {
        ServerOptions options = ServerOptions.defaults().withTransferMode(mode);
        try (TestServer server = new TestServer(directory, options);
                RespClient client = server.client()) {
            for (int size : SIZES) {
                set(client, "k" + size, bytes(size));
            }
            for (int size : SIZES) {
                client.send("GET", "k" + size);
                assertArrayEquals(bytes(size), bulk(client), size + " bytes");
            }
            int large = SIZES[2];
            client.send("GETRANGE", "k" + large, "5", Integer.toString(large - 7));
            assertArrayEquals(Arrays.copyOfRange(bytes(large), 5, large - 6), bulk(client));

            String out = (mode == TransferMode.AUTO ? TransferMode.SENDFILE : mode)
                    .name()
                    .toLowerCase(Locale.ROOT);
            String in = switch (mode) {
                case MAPPED -> "mapped";
                case SPLICE -> "splice";
                default -> "copy";
            };
            assertTrue(info(client, "transfer_" + out + "_bytes_out") > 2L * large);
            assertEquals(total(client, "out"), info(client, "transfer_" + out + "_bytes_out"), "no other way out");
            assertTrue(info(client, "transfer_" + in + "_bytes_in") > large);
            // What comes together with the beginning of a request is in a buffer already.
            long before = in.equals("copy") ? 0 : info(client, "transfer_copy_bytes_in");
            assertTrue(before <= (long) SIZES.length * OutputChunk.SIZE, before + " bytes through a buffer");
            assertEquals(total(client, "in"), before + info(client, "transfer_" + in + "_bytes_in"), "no other way in");
        }
    }

    @ParameterizedTest
    @EnumSource(TransferMode.class)
    void severalClientsTakeTheirTimeAndGetTheirOwn(TransferMode mode) throws Exception {
        int clients = 4;
        int large = SIZES[2];
        try (TestServer server =
                        new TestServer(directory, ServerOptions.defaults().withTransferMode(mode));
                ExecutorService threads = Executors.newFixedThreadPool(clients)) {
            Callable<Void> roundTrips = () -> {
                try (RespClient client = server.client()) {
                    String key = "k" + Thread.currentThread().threadId();
                    byte[] value = bytes(large);
                    value[0] = (byte) Thread.currentThread().threadId();
                    set(client, key, value);
                    for (int i = 0; i < 2; i++) {
                        client.sendRaw("GET " + key + "\r\nPING\r\nGET " + key + "\r\n");
                        assertArrayEquals(value, bulk(client));
                        assertEquals("+PONG", client.line());
                        assertArrayEquals(value, bulk(client));
                    }
                }
                return null;
            };
            for (Future<Void> done : threads.invokeAll(Collections.nCopies(clients, roundTrips))) {
                done.get();
            }
        }
    }

    /** Whoever goes away in the middle leaves nothing behind that the next one stumbles over. */
    @ParameterizedTest
    @EnumSource(TransferMode.class)
    void clientsThatLeaveInTheMiddleLeaveNothingBehind(TransferMode mode) throws Exception {
        int large = SIZES[2];
        try (TestServer server =
                        new TestServer(directory, ServerOptions.defaults().withTransferMode(mode));
                RespClient steady = server.client()) {
            set(steady, "k", bytes(large));
            for (int i = 0; i < 30; i++) {
                try (RespClient leaving = server.client()) {
                    leaving.sendRaw("GET k\r\n");
                    leaving.in().readNBytes(1 + i * 3000);
                }
                try (RespClient leaving = server.client()) {
                    leaving.sendRaw("*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$" + large + "\r\n");
                    leaving.out().write(bytes(100_000));
                }
            }
            TestServer.await("only one client left", () -> info(steady, "connected_clients") == 1);
            steady.send("GET", "k");
            assertArrayEquals(bytes(large), bulk(steady));
            assertEquals("$-1\r\n", steady.call("GET", "x"));
        }
    }

    @Test
    void theModeChangesWhileValuesAreOnTheirWay() throws Exception {
        int large = SIZES[2];
        try (TestServer server = new TestServer(directory);
                RespClient reader = server.client();
                RespClient operator = server.client()) {
            set(reader, "k", bytes(large));
            TransferMode[] modes = TransferMode.values();
            for (int i = 0; i < 24; i++) {
                reader.send("GET", "k");
                String word = modes[i % modes.length].name();
                assertEquals("+OK\r\n", operator.call("CONFIG", "SET", "transfer-mode", word));
                assertEquals(
                        "*2\r\n$13\r\ntransfer-mode\r\n$" + word.length() + "\r\n" + word.toLowerCase(Locale.ROOT)
                                + "\r\n",
                        operator.call("CONFIG", "GET", "transfer-mode"));
                assertArrayEquals(bytes(large), bulk(reader));
            }
            for (TransferMode mode : modes) {
                String name = "transfer_" + mode.name().toLowerCase(Locale.ROOT) + "_bytes_out";
                assertTrue(mode == TransferMode.AUTO || info(operator, name) > 0, name);
            }
            assertEquals(
                    "-ERR CONFIG SET failed (possibly related to argument 'transfer-mode') - argument(s) must be one of"
                            + " the following: copy, mapped, sendfile, splice, direct, auto\r\n",
                    operator.call("CONFIG", "SET", "transfer-mode", "pigeon"));
        }
    }

    static long total(RespClient client, String direction) throws IOException {
        long total = 0;
        for (TransferMode mode : TransferMode.values()) {
            if (mode != TransferMode.AUTO) {
                total += info(client, "transfer_" + mode.name().toLowerCase(Locale.ROOT) + "_bytes_" + direction);
            }
        }
        return total;
    }

    static long info(RespClient client, String name) throws IOException {
        return client.call("INFO")
                .lines()
                .filter(line -> line.startsWith(name + ":"))
                .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name));
    }

    static void set(RespClient client, String key, byte[] value) throws IOException {
        String head = "*3\r\n$3\r\nSET\r\n$" + key.length() + "\r\n" + key + "\r\n$" + value.length + "\r\n";
        client.out().write(head.getBytes(ISO_8859_1));
        client.out().write(value);
        client.sendRaw("\r\n");
        assertEquals("+OK", client.line());
    }

    static byte[] bulk(RespClient client) throws IOException {
        String head = client.line();
        assertEquals('$', head.charAt(0), head);
        byte[] value = client.in().readNBytes(Integer.parseInt(head.substring(1)));
        assertEquals("", client.line());
        return value;
    }

    static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
