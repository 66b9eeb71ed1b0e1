package dev.penstock.store.internal.write;

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

    /** Publishes the value; its sequence, or {@link Writer#REFUSED} and nothing stored if the precondition does not hold. */
    long commit(long expiryMillis, Precondition precondition) throws IOException;

    /** Throws the value away unless it was published. */
    @Override
    void close() throws IOException;
}
