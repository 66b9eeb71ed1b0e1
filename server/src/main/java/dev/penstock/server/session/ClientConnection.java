package dev.penstock.server.session;

/**
 * What a command may know of, and do to, the connection behind a {@link Session}. Any thread: figures may be a moment
 * old.
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
