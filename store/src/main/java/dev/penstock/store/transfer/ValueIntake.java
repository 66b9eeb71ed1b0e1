package dev.penstock.store.transfer;

import dev.penstock.store.ValueWriter;
import dev.penstock.store.internal.engine.TransferAccess;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;

/**
 * The ways in which the bytes of a {@link ValueWriter} can reach the value's file, besides those that it has itself.
 * Used by one thread at a time, as the writer is.
 */
public final class ValueIntake {

    private ValueIntake() {}

    /**
     * Returns how many bytes are best written next, if there are so many: up to a multiple of 256 KiB in the file, so
     * that the page cache holds the value in large blocks, which cost less when it is sent. Any other number does as
     * well.
     */
    public static int pieceLength(ValueWriter writer) {
        return TransferAccess.pieceLength(writer);
    }

    /**
     * Reads once from a channel, as {@link ValueWriter#readFrom} does, but where the value is large and its length was
     * given, straight into the mapped file. That is one copy less and takes longer all the same: the pages have to be
     * zeroed and faulted in first. For comparison.
     */
    public static int readIntoMapping(ValueWriter writer, ReadableByteChannel source, int limit) throws IOException {
        return TransferAccess.receiveIntoMapping(writer, source, limit);
    }

    /**
     * Takes what is in a pipe, which goes to the file without passing through this process.
     *
     * @return how many bytes, or -1 if this value or this system cannot do so and the pipe is as it was
     */
    public static long spliceFrom(ValueWriter writer, SplicePipe source) throws IOException {
        return TransferAccess.receive(writer, source.pipe());
    }
}
