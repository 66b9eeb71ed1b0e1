package dev.penstock.server.net;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.SocketChannel;

/** Closes the sockets of clients that have no connection, or have none yet. */
final class Sockets {

    private static final Logger LOG = System.getLogger(Sockets.class.getName());

    private Sockets() {}

    /** Closes a socket. A failure is logged: the descriptor is gone either way. */
    static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "closing a socket failed: {0}", e.getMessage());
        }
    }
}
