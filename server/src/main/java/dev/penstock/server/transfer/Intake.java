package dev.penstock.server.transfer;

import java.io.IOException;

/**
 * A part of a request that goes from the socket to where it is wanted without passing through the buffer of the
 * requests. Event-loop thread only.
 */
public interface Intake {

    /** One read from the socket, of at most {@code limit} bytes; what read(2) returned. */
    int readFrom(Wire source, int limit, TransferContext transfers) throws IOException;

    /** Whether all of it is here: what arrives next is for the buffer again. */
    boolean isComplete();
}
