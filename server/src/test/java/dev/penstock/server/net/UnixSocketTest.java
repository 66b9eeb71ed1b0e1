package dev.penstock.server.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A door for the same user's processes alone. */
class UnixSocketTest {

    @TempDir
    Path directory;

    private TestServer start(Path socket) throws IOException {
        return new TestServer(
                directory.resolve("store"), ServerOptions.defaults().withUnixSocket(socket));
    }

    /** All that comes back until the server ends the connection. */
    private static String exchange(Path socket, String request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap(request.getBytes(ISO_8859_1)));
            channel.shutdownOutput();
            ByteArrayOutputStream replies = new ByteArrayOutputStream();
            ByteBuffer buffer = ByteBuffer.allocate(65_536);
            while (channel.read(buffer.clear()) >= 0) {
                replies.write(buffer.array(), 0, buffer.position());
            }
            return replies.toString(ISO_8859_1);
        }
    }

    @Test
    void onlyTheOwnerMayConnectAndValuesOfAllSizesPass() throws IOException {
        Path socket = directory.resolve("door");
        try (TestServer server = start(socket)) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
            String value = "x".repeat(3_000_000);
            assertEquals(
                    "+OK\r\n$3000000\r\n" + value + "\r\n",
                    exchange(socket, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3000000\r\n" + value + "\r\nGET k\r\n"));
            String list = exchange(socket, "CLIENT LIST\r\n");
            assertTrue(list.contains(" laddr=" + socket + ":0 "), list);
            try (RespClient client = server.client()) {
                assertEquals(":1\r\n", client.call("DBSIZE"), "TCP works beside it");
            }
        }
        assertFalse(Files.exists(socket), "the socket is left");
    }

    @Test
    void whatASocketLeftBehindIsReplacedAndNothingElse() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "precious");
        IOException refusal = assertThrows(IOException.class, () -> start(file));
        assertTrue(refusal.getMessage().contains("not a socket"), refusal.getMessage());
        assertEquals("precious", Files.readString(file));

        Path socket = directory.resolve("door");
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(socket));
            refusal = assertThrows(IOException.class, () -> start(socket));
            assertTrue(refusal.getMessage().contains("another process"), refusal.getMessage());
        }
        assertTrue(Files.exists(socket), "closing leaves the file, as a kill does");
        try (TestServer server = start(socket)) {
            assertEquals("+PONG\r\n", exchange(socket, "PING\r\n"));
            assertTrue(server.port() > 0);
        }
    }
}
