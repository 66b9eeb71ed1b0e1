package dev.penstock.bench.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BlockingClientTest {

    private static final ByteBuffer PING = BlockingClient.command("PING");

    private ServerSocket listener;
    private BlockingClient connection;
    private Socket peer;

    @BeforeEach
    void connect() throws IOException {
        listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        connection = new BlockingClient((InetSocketAddress) listener.getLocalSocketAddress());
        peer = listener.accept();
    }

    @AfterEach
    void close() throws IOException {
        connection.close();
        peer.close();
        listener.close();
    }

    @Test
    void aCommandGoesOutAsAnArrayOfBulkStrings() throws IOException {
        answer("+OK\r\n");
        connection.line(BlockingClient.command("SET", "key", "value"));

        byte[] expected = "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\nvalue\r\n".getBytes(StandardCharsets.US_ASCII);
        assertEquals(
                new String(expected, StandardCharsets.US_ASCII),
                new String(peer.getInputStream().readNBytes(expected.length), StandardCharsets.US_ASCII));
    }

    @Test
    void repliesFollowOneAnotherWithoutALostByte() throws IOException {
        answer("+PONG\r\n$7\r\na\r\nb\r\nc\r\n:12\r\n");
        ByteBuffer value = ByteBuffer.allocate(7);

        assertEquals("+PONG", connection.line(PING));
        assertEquals(7, connection.bulk(PING, value));
        assertEquals("a\r\nb\r\nc", text(value));
        assertEquals(":12", connection.line(PING));
    }

    @Test
    void anExchangeEndsWithItsLastReplyAndLosesNothingBehindIt() throws IOException {
        answer("$3\r\nabc\r\n$3\r\nend\r\n");

        connection.exchange(BlockingClient.command("PING"), BlockingClient.ascii("end\r\n"));
        answer("+PONG\r\n");
        assertEquals("+PONG", connection.line(PING));

        answer("$3\r\nend");
        peer.shutdownOutput();
        assertThrows(EOFException.class, () -> connection.exchange(PING, BlockingClient.ascii("end\r\n")));
    }

    @Test
    void aBodyIsAsLongAsItsHeadSays() throws IOException {
        answer("HTTP/1.1 200 OK\r\nServer: x\r\ncontent-length: 5\r\n\r\nhelloHTTP/1.1 404 Not Found\r\n\r\n");
        ByteBuffer body = ByteBuffer.allocate(5);

        assertEquals(5, connection.body(PING, body));
        assertEquals("hello", text(body));
        assertThrows(IOException.class, () -> connection.body(PING, null));
    }

    @Test
    void anErrorAMissAndACutReplyAreFailuresAndNoMeasurements() throws IOException {
        answer("-ERR no\r\n$-1\r\n$10\r\nabc");
        peer.shutdownOutput();

        assertThrows(IOException.class, () -> connection.line(PING));
        assertThrows(IOException.class, () -> connection.bulk(PING, null));
        assertThrows(EOFException.class, () -> connection.bulk(PING, null));
    }

    private void answer(String bytes) throws IOException {
        peer.getOutputStream().write(bytes.getBytes(StandardCharsets.US_ASCII));
    }

    private static String text(ByteBuffer buffer) {
        return StandardCharsets.US_ASCII.decode(buffer.flip()).toString();
    }
}
