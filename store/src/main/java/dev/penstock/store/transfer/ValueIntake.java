package dev.penstock.store.transfer;

import dev.penstock.store.Key;
import dev.penstock.store.Store;
import dev.penstock.store.ValueView;
import dev.penstock.store.ValueWriter;
import dev.penstock.store.WriteOptions;
import dev.penstock.store.internal.engine.TransferAccess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/**
 * The ways in which the bytes of a {@link ValueWriter} can reach the value's file, besides those that it has itself,
 * and writes that return the version of what they stored. A writer is used by one thread at a time.
 */
public final class ValueIntake {

    /** In place of the version of a value that was not stored. */
    public static final long NOT_STORED = 0;

    private ValueIntake() {}

    /**
     * Stores a whole value as {@link Store#put(Key, ByteBuffer, WriteOptions)} does, without another copy of it.
     *
     * @return the {@linkplain ValueView#version version} that the value got; {@link #NOT_STORED} if the condition of
     *     the options did not hold
     */
    public static long put(Store store, Key key, ByteBuffer value, WriteOptions options) {
        try (ValueWriter writer = store.putStream(key, value.remaining())) {
            TransferAccess.take(writer, value.duplicate());
            return commit(writer, options);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // declared by WritableByteChannel; the store has its own exceptions
        }
    }

    /**
     * Commits a value that is complete, as {@link ValueWriter#commit(WriteOptions)} does.
     *
     * @return its version; {@link #NOT_STORED} if the condition of the options did not hold
     */
    public static long commit(ValueWriter writer, WriteOptions options) {
        return writer.commit(options) ? TransferAccess.sequence(writer) : NOT_STORED;
    }

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
