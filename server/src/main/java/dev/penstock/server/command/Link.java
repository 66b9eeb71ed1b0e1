package dev.penstock.server.command;

/** What a command may know of, and do to, the connection behind a {@link Session}. Event-loop thread only. */
public interface Link {

    /** Address of the client, as {@code host:port}. */
    String remoteAddress();

    /** Address the client connected to. */
    String localAddress();

    /** Closes at once, dropping unsent replies. */
    void kill();

    int inputBytes();

    int inputCapacity();

    int outputPieces();

    long outputBufferedBytes();
}
