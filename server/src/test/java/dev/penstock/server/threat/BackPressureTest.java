package dev.penstock.server.threat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.RespClient;
import dev.penstock.server.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that does not take its replies stops itself, and nobody else; and loses nothing. */
class BackPressureTest {

    private static final String REQUEST = "GET k\r\n";
    private static final int TURNS_WITHOUT_PROGRESS = 50;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {10, 3_000, 20_000, 40_000})
    void aClientThatDoesNotReadIsNotReadFromEither(int valueLength) throws Exception {
        try (TestServer server = new TestServer(directory);
                RespClient other = server.client();
                SocketChannel greedy = connect(server.port())) {
            other.call("SET", "k", "x".repeat(valueLength));
            long asked = askUntilRefused(greedy, other, request(valueLength));
            String held = other.call("CLIENT", "LIST");
            assertTrue(maximum(held, "omem") <= 17 << 20, "reply memory in " + held);
            assertTrue(maximum(held, "qbuf") <= 33 << 20, "request memory in " + held);
            assertEquals("+PONG\r\n", other.call("PING"));
            readReplies(greedy, valueLength, asked);
        }
    }

    @Test
    void stoppingWaitsForRepliesUnderWay() throws Exception {
        TestServer server = new TestServer(directory);
        int length = 30_000_000;
        try (RespClient writer = server.client();
                RespClient reader = server.client()) {
            writer.call("SET", "k", "x".repeat(length));
            reader.send("GET", "k");
            assertEquals("$" + length, reader.line());
            Thread stopping = Thread.ofVirtual().start(() -> server.server().stop(Duration.ofSeconds(30)));
            assertEquals("", writer.untilClosed(), "an idle connection ends at once");
            reader.in().readFully(new byte[length]);
            assertEquals("", reader.line());
            assertEquals("", reader.untilClosed(), "and this one after its reply");
            stopping.join();
        } finally {
            server.close();
        }
    }

    @Test
    void stoppingDoesNotWaitForADeafClient() throws Exception {
        try (TestServer server = new TestServer(directory);
                RespClient writer = server.client();
                SocketChannel deaf = connect(server.port())) {
            writer.call("SET", "k", "x".repeat(30_000_000));
            deaf.write(ByteBuffer.wrap(REQUEST.getBytes(ISO_8859_1)));
            TestServer.await("the reply is under way", () -> maximum(writer.call("CLIENT", "LIST"), "oll") > 0);
            long start = System.nanoTime();
            server.server().stop(Duration.ofMillis(200));
            assertTrue(System.nanoTime() - start < Duration.ofSeconds(10).toNanos(), "it was waited for");
        }
    }

    /** As long as it needs to be for the sockets to hold few of them where the replies are long. */
    private static String request(int replyLength) {
        return REQUEST.replace("\r", " ".repeat(Math.min(replyLength / 4, 50_000)) + "\r");
    }

    private static SocketChannel connect(int port) throws IOException {
        SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        channel.configureBlocking(false);
        return channel;
    }

    /** Sends requests and reads nothing, until the server has really stopped taking them; how many it was. */
    private static long askUntilRefused(SocketChannel greedy, RespClient other, String request) throws IOException {
        ByteBuffer requests = ByteBuffer.wrap(request.repeat(1000).getBytes(ISO_8859_1));
        long bytes = 0;
        int idle = 0;
        while (idle < TURNS_WITHOUT_PROGRESS) {
            requests.position((int) (bytes % request.length()));
            int written = greedy.write(requests);
            bytes += written;
            idle = written == 0 ? idle + 1 : 0;
            other.call("PING"); // gives the server a turn, and shows that it has turns for others
            assertTrue(bytes < 200_000_000, "the server takes requests without end");
        }
        return bytes / request.length(); // the last one may be cut; it is never answered
    }

    /** Reads until all replies are there and checks that no byte is too many. */
    private static void readReplies(SocketChannel greedy, int valueLength, long count) throws Exception {
        long expected = count * (("$" + valueLength + "\r\n").length() + valueLength + 2L);
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
        long[] received = {0};
        TestServer.await("all replies", () -> {
            for (int read = greedy.read(buffer.clear()); read > 0; read = greedy.read(buffer.clear())) {
                received[0] += read;
            }
            return received[0] >= expected;
        });
        assertEquals(expected, received[0]);
    }

    private static long maximum(String clientList, String field) {
        long most = -1;
        for (String line : clientList.lines().toList()) {
            int at = line.indexOf(" " + field + "=");
            if (at >= 0) {
                String rest = line.substring(at + field.length() + 2);
                most = Math.max(most, Long.parseLong(rest.substring(0, rest.indexOf(' '))));
            }
        }
        assertTrue(most >= 0, field + " in " + clientList);
        return most;
    }
}
