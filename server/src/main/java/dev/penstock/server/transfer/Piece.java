package dev.penstock.server.transfer;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/** One stretch of a connection's output: encoded replies in a {@link Chunk}, or a value sent from its file. */
sealed interface Piece permits Chunk, ValueTransfer {

    /** Sends at most {@code limit} bytes; returns how many the channel took. */
    long writeTo(WritableByteChannel channel, long limit) throws IOException;

    /** Bytes not sent yet. */
    long remaining();

    /** Memory it takes while it waits, about. */
    int memoryLength();

    /** Gives back what the piece holds, sent or not. */
    void release();
}
