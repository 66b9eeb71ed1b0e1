package dev.penstock.server.session;

/**
 * The connection of a {@link Session}, as commands see it. Any thread; figures may be slightly out of date.
 */
public interface ClientConnection {

    /** Address of the client, as {@code host:port}, {@code [host]:port} or {@code path:0}. */
    String remoteAddress();

    /** Address the client connected to. */
    String localAddress();

    /** Whether the client came by a Unix domain socket. */
    boolean isUnixSocket();

    /** Closes, dropping unsent replies: at once if it is a connection of this thread's event loop, else soon. */
    void kill();

    int inputBytes();

    int inputCapacity();

    int outputPieces();

    long outputBufferedBytes();
}
