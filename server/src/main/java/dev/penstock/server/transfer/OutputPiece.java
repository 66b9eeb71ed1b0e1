package dev.penstock.server.transfer;

import java.io.IOException;

/** One stretch of a connection's output: encoded replies in a {@link OutputChunk}, or a value sent from its file. */
sealed interface OutputPiece permits Stretch, ValueTransfer {

    /**
     * Sends at most {@code limit} bytes; returns how many the socket took.
     *
     * @param more whether another piece follows at once
     */
    long writeTo(Wire wire, long limit, boolean more) throws IOException;

    /** Whether nothing was sent because the disk has to be waited for, and not the client. */
    boolean isWaiting();

    /** Bytes not sent yet. */
    long remaining();

    /** Releases what the piece holds, sent or not. Returns the bytes of memory that need not be counted any more. */
    int release();
}
