package dev.penstock.server.net;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;

/**
 * Sockets of clients that were turned away with a response. A client of HTTP sends its request before it reads, and a
 * request that comes to a closed socket resets the connection, which may cost the client the response. So the socket is
 * closed a little later. Belongs to one event loop; not thread-safe.
 */
final class Farewells {

    private static final int MOST = 16;
    private static final long MILLIS = 1000;

    private record Farewell(SocketChannel channel, long endMillis) {}

    private final ArrayDeque<Farewell> leaving = new ArrayDeque<>();

    /** Takes a socket over. If there are many, the oldest is closed. */
    void add(SocketChannel channel, long nowMillis) throws IOException {
        channel.shutdownOutput();
        leaving.addLast(new Farewell(channel, nowMillis + MILLIS));
        if (leaving.size() > MOST) {
            Sockets.close(leaving.removeFirst().channel);
        }
    }

    boolean isEmpty() {
        return leaving.isEmpty();
    }

    /** Closes those whose time is over. */
    void look(long nowMillis) {
        while (!leaving.isEmpty() && leaving.getFirst().endMillis <= nowMillis) {
            Sockets.close(leaving.removeFirst().channel);
        }
    }

    void closeAll() {
        look(Long.MAX_VALUE);
    }
}
