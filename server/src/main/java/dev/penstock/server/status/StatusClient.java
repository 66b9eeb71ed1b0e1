package dev.penstock.server.status;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;

/**
 * The other end of a connection to the status port.
 *
 * @param address as log lines have it
 * @param isLocal whether it is on this machine for certain: it came by a loopback address
 */
record StatusClient(String address, boolean isLocal) {

    static StatusClient of(SocketChannel channel) throws IOException {
        InetSocketAddress remote = (InetSocketAddress) channel.getRemoteAddress();
        String host = remote.getAddress().getHostAddress();
        String shown = host.indexOf(':') < 0 ? host : "[" + host + "]";
        return new StatusClient(
                shown + ":" + remote.getPort(), remote.getAddress().isLoopbackAddress());
    }
}
