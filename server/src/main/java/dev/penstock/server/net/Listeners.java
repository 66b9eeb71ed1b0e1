package dev.penstock.server.net;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;

/** The sockets that the server listens on: bound together, on one port, or not at all. */
public final class Listeners {

    private static final Logger LOG = System.getLogger(Listeners.class.getName());
    private static final int BACKLOG = 511;
    private static final String OPTIONAL = "-";

    private final List<ServerSocketChannel> channels = new ArrayList<>();
    private final List<String> addresses = new ArrayList<>();
    private int port;

    private Listeners(int port) {
        this.port = port;
    }

    /**
     * Binds to all addresses.
     *
     * @param hosts names or addresses; one with a minus sign before it may be missing on this host
     * @param port 0 lets the system choose one, the same for all
     * @param remoteAllowed whether addresses that other hosts can reach are accepted
     */
    public static Listeners bind(List<String> hosts, int port, boolean remoteAllowed) throws IOException {
        Listeners listeners = new Listeners(port);
        try {
            for (String host : hosts) {
                boolean optional = host.startsWith(OPTIONAL);
                listeners.bind(optional ? host.substring(1) : host, optional, remoteAllowed);
            }
            if (listeners.channels.isEmpty()) {
                throw new IOException("no address to listen on among " + hosts);
            }
            return listeners;
        } catch (IOException | RuntimeException e) {
            listeners.close();
            throw e;
        }
    }

    private void bind(String host, boolean optional, boolean remoteAllowed) throws IOException {
        InetAddress address = InetAddress.getByName(host);
        if (!remoteAllowed && !address.isLoopbackAddress()) {
            throw new IllegalArgumentException("refusing to listen on " + host
                    + ", which other hosts can reach: there is no password yet, so this must be allowed explicitly");
        }
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(new InetSocketAddress(address, port), BACKLOG);
        } catch (IOException | RuntimeException e) {
            channel.close();
            if (optional) {
                LOG.log(Level.INFO, "not listening on {0}: {1}", host, e.getMessage());
                return;
            }
            throw new IOException("cannot listen on " + host + " port " + port + ": " + e.getMessage(), e);
        }
        channels.add(channel);
        addresses.add(host);
        port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    public int port() {
        return port;
    }

    /** The addresses that are listened on. */
    public List<String> addresses() {
        return List.copyOf(addresses);
    }

    List<ServerSocketChannel> channels() {
        return channels;
    }

    public void close() {
        for (ServerSocketChannel channel : channels) {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.log(Level.WARNING, "closing a listening socket failed", e);
            }
        }
    }
}
