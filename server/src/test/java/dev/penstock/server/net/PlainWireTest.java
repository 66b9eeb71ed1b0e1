package dev.penstock.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlainWireTest {

    @Test
    void aTcpSocketGathersByNaglesAlgorithm() throws IOException {
        try (ServerSocketChannel listener =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel socket = SocketChannel.open(listener.getLocalAddress())) {
            assertTrue(listener.isOpen());
            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
            PlainWire wire = new PlainWire(socket);
            wire.gather(true);
            assertFalse(socket.getOption(StandardSocketOptions.TCP_NODELAY));
            wire.gather(false);
            assertTrue(socket.getOption(StandardSocketOptions.TCP_NODELAY));
        }
    }

    @Test
    void aUnixSocketHasNothingToGather(@TempDir Path directory) throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s"));
        try (ServerSocketChannel listener =
                        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address);
                SocketChannel socket = SocketChannel.open(address)) {
            assertTrue(listener.isOpen());
            PlainWire wire = new PlainWire(socket);
            wire.gather(true);
            wire.gather(false);
            assertEquals(1, wire.write(ByteBuffer.wrap(new byte[1]), false));
        }
    }
}
