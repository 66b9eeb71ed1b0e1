package dev.penstock.store.internal.write;

import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.Pipe;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ReadableByteChannel;

/** Where the bytes of a large value go as they come. One thread at a time. */
public sealed interface ValueSink extends AutoCloseable permits LargeValueSink, GrowingValueSink {

    /** How many more bytes there may be: all that are missing, where the length is known. */
    long remaining();

    /** Takes all of a segment, which must not be longer than what remains. */
    void write(MemorySegment source) throws IOException;

    /** Reads once from a channel; at most {@code limit} bytes, -1 at its end. */
    int readFrom(ReadableByteChannel source, int limit) throws IOException;

    /** Writes what is in a pipe, at most {@link #remaining()}; returns how much, or -1 where that cannot be done. */
    default long spliceFrom(Pipe source) throws IOException {
        return DiskFile.UNSUPPORTED;
    }

    /** Publishes the value; its sequence, or {@link Writer#REFUSED} and nothing stored if the precondition does not hold. */
    long commit(long expiryMillis, Precondition precondition) throws IOException;

    /** Throws the value away unless it was published. */
    @Override
    void close() throws IOException;
}
