package dev.penstock.server.status;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** One client of the status port keeps the others waiting for no longer than a turn. */
class StatusConnectionTest {

    @Test
    void aClientThatSendsWithoutEndIsReadInParts() throws Exception {
        try (ServerSocketChannel listener = ServerSocketChannel.open();
                Selector selector = Selector.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (SocketChannel client = SocketChannel.open(listener.getLocalAddress());
                    SocketChannel accepted = listener.accept()) {
                client.write(ByteBuffer.wrap("nonsense\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
                fill(client);
                accepted.configureBlocking(false);
                SelectionKey key = accepted.register(selector, SelectionKey.OP_READ);
                StatusPages pages = new StatusPages(null, null); // nonsense is answered without a server
                StatusConnection connection = new StatusConnection(accepted, key, pages, StatusClient.of(accepted), 0);

                connection.turn(0);

                assertFalse(connection.isReceiving(), "the request is answered");
                assertTrue(accepted.read(ByteBuffer.allocate(1)) > 0, "the rest waits for another turn");
                client.shutdownOutput();
                while (!connection.isClosed()) {
                    selector.select();
                    connection.turn(0);
                }
            }
        }
    }

    /** Sends as much as fits between the two sockets. */
    private static void fill(SocketChannel client) throws Exception {
        client.configureBlocking(false);
        ByteBuffer flood = ByteBuffer.allocate(64 << 10);
        long sent = 0;
        for (int written = 1; written > 0; sent += written) {
            written = client.write(flood.clear());
        }
        assertTrue(sent > 512 << 10, "more than a turn reads: " + sent);
    }
}
