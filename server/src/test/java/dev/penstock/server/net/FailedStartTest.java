package dev.penstock.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.acl.Users;
import dev.penstock.server.config.Settings;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Protocol;
import dev.penstock.server.session.ServerContext;
import dev.penstock.server.shard.Router;
import dev.penstock.server.transfer.ChunkPool;
import dev.penstock.server.transfer.TransferContext;
import dev.penstock.server.transfer.TransferSettings;
import dev.penstock.store.Store;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A connection that fails while it is set up leaves no client behind. */
class FailedStartTest {

    @TempDir
    Path directory;

    @Test
    void aConnectionThatFailsAtItsStartLeavesNoSession() throws IOException {
        Protocol.Factory failing = (session, input, output) -> {
            throw new IllegalStateException("a defect");
        };
        try (Store store = Store.open(directory);
                Selector selector = Selector.open();
                ServerSocketChannel listener =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel client = SocketChannel.open(listener.getLocalAddress());
                SocketChannel accepted = listener.accept()) {
            ServerContext server = new ServerContext(
                    store, new Settings(0, Map.of()), Users.ofDefault(null), Router.STANDALONE, null, () -> {});
            LoopContext loop = new LoopContext(server);
            accepted.configureBlocking(false);
            SelectionKey key = accepted.register(selector, SelectionKey.OP_READ);
            assertTrue(loop.admit());
            assertThrows(
                    IllegalStateException.class,
                    () -> new Connection(
                            accepted,
                            null,
                            key,
                            loop,
                            failing,
                            new TransferContext(new ChunkPool(), new TransferSettings(), Runnable::run),
                            loop.metrics().transfers(),
                            new Deadlines(SystemNanoClock.INSTANCE),
                            new Mailbox(selector),
                            connection -> {},
                            new SendQueue(SystemNanoClock.INSTANCE)));
            assertEquals(0, server.sessions().size());
            assertEquals(0, loop.clientCount());
            assertEquals(1, server.clientCount(), "the event loop dismisses it");
            assertTrue(client.isConnected());
        }
    }
}
