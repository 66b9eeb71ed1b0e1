package dev.penstock.server.threat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.ChildServer;
import dev.penstock.server.RespClient;
import dev.penstock.server.http.HttpTestClient;
import dev.penstock.server.http.HttpTestClient.Response;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Values longer than what an {@code int} can count, and than the server's memory. How long is
 * {@code -Dpenstock.hugeValueMiB}, 2100 unless given; the disk needs twice as much.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HugeValueTest {

    private static final String HTTP = "-Dpenstock.test.http=true";
    private static final int PIECE_LENGTH = 1 << 20;
    private static final long PIECES = Long.getLong("penstock.hugeValueMiB", 2100);
    private static final long LENGTH = PIECES * PIECE_LENGTH;
    private static final byte[] RANDOM = random(2 * PIECE_LENGTH);

    /** Of memory that is no page of a file: the heap, buffers and all that a JVM needs to run. */
    private static final long MOST_ANONYMOUS_KIB = 300 << 10;

    @TempDir
    Path directory;

    @Test
    void aValueOverTwoGibibytesGoesInAndOutOfAServerWithLittleMemory() throws Exception {
        long room = Files.getFileStore(directory).getUsableSpace();
        Assumptions.assumeTrue(room > 2 * LENGTH + (1L << 30), () -> "only " + room + " bytes on the disk");
        try (ChildServer server = new ChildServer(
                        directory, "", HTTP, "-Xmx64m", "-XX:MaxDirectMemorySize=32m", "-XX:+UseSerialGC");
                RespClient client = new RespClient(server.port())) {
            set(client);
            assertEquals(":" + LENGTH + "\r\n", client.call("STRLEN", "k"));
            get(client, LENGTH);
            range(client, (1L << 31) - 10, 100);
            range(client, (1L << 31) + 12_345, 2_000_000);
            range(client, LENGTH - 700_000, 700_000);
            client.send("GETRANGE", "k", "-5", "-1");
            expect(client, LENGTH - 5, 5);
            httpRanges(server.httpPort());
            long anonymous = server.statusKib("RssAnon");
            assertTrue(anonymous < MOST_ANONYMOUS_KIB, anonymous + " KiB of memory");
            System.out.println("HugeValueTest: " + LENGTH + " bytes, " + anonymous + " KiB of anonymous memory");
        }
    }

    /** The old value is copied in the server's files, and neither it nor the new one is ever on the heap. */
    @Test
    void appendAndSetRangeOfALargeValueNeedNoHeapForIt() throws Exception {
        long length = 200L * PIECE_LENGTH;
        try (ChildServer server =
                        new ChildServer(directory, "", "-Xmx20m", "-XX:MaxDirectMemorySize=12m", "-XX:+UseSerialGC");
                RespClient client = new RespClient(server.port())) {
            head(client, length);
            for (long piece = 0; piece < 200; piece++) {
                client.out().write(piece(piece));
            }
            client.sendRaw("\r\n");
            assertEquals("+OK", client.line());
            assertEquals(":" + (length + 3) + "\r\n", client.call("APPEND", "k", "xyz"));
            assertEquals(":" + (length + 3) + "\r\n", client.call("SETRANGE", "k", "7", "abc"));
            client.send("GETRANGE", "k", "5", "11");
            byte[] expected = Arrays.copyOfRange(piece(0), 5, 12);
            expected[2] = 'a';
            expected[3] = 'b';
            expected[4] = 'c';
            bulk(client, expected);
            range(client, 150L * PIECE_LENGTH - 1000, 300_000);
            client.send("GETRANGE", "k", "-3", "-1");
            bulk(client, new byte[] {'x', 'y', 'z'});
        }
    }

    /** Positions beyond what an {@code int} can count, by HTTP. */
    private static void httpRanges(int port) throws IOException {
        try (HttpTestClient http = new HttpTestClient(port)) {
            assertEquals(Long.toString(LENGTH), http.send("HEAD", "/k").field("content-length"));
            httpRange(http, (1L << 31) - 10, 100);
            httpRange(http, (1L << 31) + 12_345, 2_000_000);
            httpRange(http, LENGTH - 700_000, 700_000);
            Response last = http.send("GET", "/k", "Range: bytes=-5");
            assertArrayEquals(expected(LENGTH - 5, 5), last.body());
            Response parts = http.send("GET", "/k", "Range: bytes=0-1," + (LENGTH - 2) + "-");
            assertTrue(
                    parts.text().contains("Content-Range: bytes " + (LENGTH - 2) + "-" + (LENGTH - 1) + "/" + LENGTH));
            assertEquals(
                    416, http.send("GET", "/k", "Range: bytes=" + LENGTH + "-").status());
        }
    }

    /** Nobody knows the length before the end, and the bytes are not gathered to find it out. */
    @Test
    void anUploadInChunksNeedsNoHeapForIt() throws Exception {
        int pieces = 512;
        try (ChildServer server = new ChildServer(
                        directory, "", HTTP, "-Xmx20m", "-XX:MaxDirectMemorySize=12m", "-XX:+UseSerialGC");
                HttpTestClient client = new HttpTestClient(server.httpPort())) {
            client.write("PUT /k HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (long piece = 0; piece < pieces; piece++) {
                client.write(Integer.toHexString(PIECE_LENGTH) + "\r\n");
                client.write(piece(piece));
                client.write("\r\n");
            }
            client.write("0\r\n\r\n");
            assertEquals(201, client.response().status());
            httpRange(client, 300L * PIECE_LENGTH - 1000, 300_000);
            Response last = client.send("GET", "/k", "Range: bytes=-7");
            assertArrayEquals(expected((long) pieces * PIECE_LENGTH - 7, 7), last.body());
            long anonymous = server.statusKib("RssAnon");
            assertTrue(anonymous < MOST_ANONYMOUS_KIB, anonymous + " KiB of memory");
        }
    }

    private static void head(RespClient client, long length) throws IOException {
        client.sendRaw("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$" + length + "\r\n");
    }

    private static void set(RespClient client) throws IOException {
        head(client, LENGTH);
        for (long piece = 0; piece < PIECES; piece++) {
            client.out().write(piece(piece));
        }
        client.sendRaw("\r\n");
        assertEquals("+OK", client.line());
    }

    private static void get(RespClient client, long length) throws IOException {
        client.send("GET", "k");
        assertEquals("$" + length, client.line());
        byte[] received = new byte[PIECE_LENGTH];
        for (long piece = 0; piece < PIECES; piece++) {
            client.in().readFully(received);
            assertArrayEquals(piece(piece), received, "MiB " + piece);
        }
        assertEquals("", client.line());
    }

    private static void range(RespClient client, long offset, int length) throws IOException {
        client.send("GETRANGE", "k", Long.toString(offset), Long.toString(offset + length - 1));
        expect(client, offset, length);
    }

    private static void httpRange(HttpTestClient client, long offset, int length) throws IOException {
        Response part = client.send("GET", "/k", "Range: bytes=" + offset + "-" + (offset + length - 1));
        assertEquals(206, part.status());
        assertTrue(part.field("content-range").startsWith("bytes " + offset + "-"), part.field("content-range"));
        assertArrayEquals(expected(offset, length), part.body());
    }

    private static void expect(RespClient client, long offset, int length) throws IOException {
        bulk(client, expected(offset, length));
    }

    private static byte[] expected(long offset, int length) {
        byte[] expected = new byte[length];
        for (int i = 0; i < length; ) {
            byte[] piece = piece((offset + i) / PIECE_LENGTH);
            int from = (int) ((offset + i) % PIECE_LENGTH);
            int count = Math.min(length - i, PIECE_LENGTH - from);
            System.arraycopy(piece, from, expected, i, count);
            i += count;
        }
        return expected;
    }

    private static void bulk(RespClient client, byte[] expected) throws IOException {
        assertEquals("$" + expected.length, client.line());
        byte[] received = new byte[expected.length];
        client.in().readFully(received);
        assertArrayEquals(expected, received);
        assertEquals("", client.line());
    }

    /** Different bytes for each number, cut from random ones: to draw two GiB takes longer than to send them. */
    private static byte[] piece(long number) {
        int from = (int) (number * 6_700_417 % PIECE_LENGTH);
        byte[] bytes = Arrays.copyOfRange(RANDOM, from, from + PIECE_LENGTH);
        ByteBuffer.wrap(bytes).putLong(0, number);
        return bytes;
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(1).nextBytes(bytes);
        return bytes;
    }
}
