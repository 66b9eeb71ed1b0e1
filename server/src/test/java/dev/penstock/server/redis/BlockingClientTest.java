package dev.penstock.server.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.RespClient;
import dev.penstock.server.TestServer;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/** Clients that write a whole pipeline before they read the first reply get all of their replies. */
class BlockingClientTest {

    @TempDir
    Path directory;

    /** Writes all, then reads so many bytes; fails after some seconds without progress. */
    private static void exchange(TestServer server, Writing requests, long replyLength) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(20_000);
            OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
            requests.to(out);
            out.flush();
            InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
            in.skipNBytes(replyLength);
            assertEquals(0, in.available());
        }
    }

    @FunctionalInterface
    private interface Writing {
        void to(OutputStream out) throws IOException;
    }

    private static byte[] value(int length) {
        return "v".repeat(length).getBytes(ISO_8859_1);
    }

    private static long frame(long length) {
        return ("$" + length + "\r\n").length() + length + 2;
    }

    private static void set(OutputStream out, String key, byte[] value) throws IOException {
        out.write(("*3\r\n$3\r\nSET\r\n$" + key.length() + "\r\n" + key + "\r\n$" + value.length + "\r\n")
                .getBytes(ISO_8859_1));
        out.write(value);
        out.write("\r\n".getBytes(ISO_8859_1));
    }

    @Test
    void aLargeGetBeforeALargeSet() throws IOException {
        int length = 32 << 20;
        try (TestServer server = new TestServer(directory)) {
            server.store().put("k".getBytes(ISO_8859_1), value(length));
            exchange(
                    server,
                    out -> {
                        out.write("GET k\r\n".getBytes(ISO_8859_1));
                        set(out, "other", value(length));
                    },
                    frame(length) + "+OK\r\n".length());
            assertEquals(length, server.store().getBytes("other".getBytes(ISO_8859_1)).length);
        }
    }

    @Test
    void threeHundredThousandSmallGets() throws IOException {
        try (TestServer server = new TestServer(directory)) {
            server.store().put("key".getBytes(ISO_8859_1), value(100));
            exchange(
                    server,
                    out -> {
                        for (int i = 0; i < 300_000; i++) {
                            out.write("*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n".getBytes(ISO_8859_1));
                        }
                    },
                    300_000 * frame(100));
        }
    }

    @Test
    void fortyMegabytesOfGetsAndSetsInTurn() throws IOException {
        int length = 40_000;
        try (TestServer server = new TestServer(directory)) {
            server.store().put("key".getBytes(ISO_8859_1), value(length));
            exchange(
                    server,
                    out -> {
                        for (int i = 0; i < 1000; i++) {
                            out.write("*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n".getBytes(ISO_8859_1));
                            set(out, "key", value(length));
                        }
                    },
                    1000 * (frame(length) + "+OK\r\n".length()));
        }
    }

    @Test
    void aPipelineOfJedis() throws IOException {
        byte[] value = value(64 << 10);
        try (TestServer server = new TestServer(directory);
                Jedis jedis = new Jedis("localhost", server.port())) {
            Pipeline pipeline = jedis.pipelined();
            var replies = IntStream.range(0, 300)
                    .mapToObj(i -> {
                        pipeline.set(("k" + i).getBytes(ISO_8859_1), value);
                        return pipeline.get(("k" + i).getBytes(ISO_8859_1));
                    })
                    .toList();
            pipeline.sync();
            replies.forEach(reply -> assertEquals(value.length, reply.get().length));
        }
    }

    /** Beyond the limits the client is not read from any more, and gets all of its replies once it reads. */
    @Test
    void beyondTheLimitsTheClientHasToRead() throws Exception {
        int count = 120_000;
        int length = 2000;
        byte[] request = ("GET key" + " ".repeat(1000) + "\r\n").repeat(100).getBytes(ISO_8859_1);
        try (TestServer server = new TestServer(directory);
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(20_000);
            server.store().put("key".getBytes(ISO_8859_1), value(length));
            int[] sent = new int[1];
            Thread writer = Thread.ofPlatform().start(() -> {
                try {
                    for (; sent[0] < count; sent[0] += 100) {
                        socket.getOutputStream().write(request);
                    }
                } catch (IOException broken) {
                    throw new AssertionError(broken);
                }
            });
            try (RespClient other = server.client()) {
                int[] before = {-1, 0};
                TestServer.await("nothing more is taken", () -> {
                    assertEquals("+PONG\r\n", other.call("PING"));
                    before[1] = sent[0] == before[0] && sent[0] > 0 ? before[1] + 1 : 0;
                    before[0] = sent[0];
                    return before[1] > 40 || sent[0] >= count;
                });
            }
            assertTrue(sent[0] < count, "all was taken");
            new BufferedInputStream(socket.getInputStream(), 1 << 16).skipNBytes(count * frame(length));
            writer.join();
        }
    }
}
