package dev.penstock.store;

import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.read.RecordCursor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A value in place, from {@link Store#get(byte[])}. Its bytes are those of the mapped page and never change: a later
 * write to the key appends another record.
 *
 * <p>An open view holds a lease that keeps its file from being released, so close it, best by try-with-resources. After
 * the view or the store is closed, its methods throw {@link StoreClosedException}.
 *
 * <p>A view can be reused with {@link Store#get(byte[], ValueView)}; a read then allocates nothing.
 *
 * <p>May be used and closed on any thread, by one thread at a time.
 */
public final class ValueView extends RecordCursor implements AutoCloseable {

    private static final int MAX_ARRAY_LENGTH = Integer.MAX_VALUE - 8;

    /** Creates a closed view for {@link Store#get(byte[], ValueView)}. */
    public ValueView() {}

    /** {@return the length of the value in bytes} */
    public long length() {
        checkUsable();
        return valueLength();
    }

    /**
     * Returns the version of the value. Of two values of a key the later has the greater version. See {@link
     * WriteOptions#ifVersion} and {@link WriteBatch#expectVersion}.
     *
     * @return the version, always positive
     */
    public long version() {
        checkUsable();
        return sequence();
    }

    /** {@return when the value expires; null if it never does} */
    public @Nullable Instant expiry() {
        long millis = expiryMillis();
        return millis == RecordLayout.NO_EXPIRY ? null : Instant.ofEpochMilli(millis);
    }

    /** In milliseconds since 1970; {@link RecordLayout#NO_EXPIRY} if it never expires. */
    long expiryMillis() {
        checkUsable();
        return recordExpiryMillis();
    }

    /**
     * Compares the value with its checksum, also in a store that does not {@linkplain StoreOptions#withVerifyOnRead
     * verify values on read}. Reads all of the value. Call this before you make another value of this one and store
     * that: it gets a checksum of its own, which matches damaged bytes as well.
     *
     * @throws CorruptionException if the value is damaged; the view is closed then
     */
    public void verify() {
        requireVerification();
        verifyBound();
    }

    /**
     * Returns the value itself. Do not use the segment after the view is closed: once its file has been released,
     * access throws {@link IllegalStateException}. If the system cannot supply a page, access to the segment throws
     * {@link InternalError}; {@link #read} and every other method throw {@link PageLostException}.
     *
     * @return the bytes of the value in the mapped file, read-only
     */
    public MemorySegment segment() {
        checkUsable();
        return readableMemory().asSlice(valueOffset(), valueLength());
    }

    /**
     * Calls a function with the value itself, for a reader that cannot know about lost pages, such as a decoder. The
     * function must not keep the segment. An error of its own passes through, an {@link InternalError} included.
     *
     * @param reader takes the bytes of the value in the mapped file, read-only
     * @return what the function returned
     * @param <T> type of the result
     * @throws PageLostException if the system cannot supply a page that the function reads
     * @throws StoreClosedException if the store is closed while the function reads
     */
    public <T extends @Nullable Object> T read(Function<MemorySegment, T> reader) {
        checkUsable();
        return lend(() -> reader.apply(segment()));
    }

    /**
     * Returns the byte at an offset. Allocates nothing, unlike {@link #segment()}.
     *
     * @param offset offset in the value
     * @return the byte
     * @throws IndexOutOfBoundsException if the offset is outside the value
     */
    public byte getByte(long offset) {
        checkAccess(offset, Byte.BYTES);
        return byteAt(offset);
    }

    /**
     * Returns the eight bytes at an offset as a number. Allocates nothing.
     *
     * @param offset offset of the first byte in the value; need not be aligned
     * @param order byte order of the number
     * @return the number
     * @throws IndexOutOfBoundsException if one of the bytes is outside the value
     */
    public long getLong(long offset, ByteOrder order) {
        long value;
        if (isInReach(offset, Long.BYTES)) {
            value = longByAddress(offset);
        } else {
            checkAccess(offset, Long.BYTES);
            value = longAt(offset);
        }
        return order == ByteOrder.LITTLE_ENDIAN ? value : Long.reverseBytes(value);
    }

    /** Calls a visitor of entries, which may read this value; its own errors pass through. */
    void lendTo(Runnable visitor) {
        lend(() -> {
            visitor.run();
            return true;
        });
    }

    private void checkAccess(long offset, int length) {
        checkBound();
        Objects.checkFromIndexSize(offset, length, valueLength());
    }

    /**
     * Returns a slice of {@link #segment()}, for values of any length.
     *
     * @param offset offset in the value
     * @param length length in bytes
     * @return these bytes in the mapped file, read-only
     * @throws IndexOutOfBoundsException if a part of the slice is outside the value
     */
    public MemorySegment slice(long offset, long length) {
        checkUsable();
        Objects.checkFromIndexSize(offset, length, valueLength());
        return readableMemory().asSlice(valueOffset() + offset, length);
    }

    /**
     * Returns a copy of the value.
     *
     * @return a new array
     * @throws IllegalArgumentException if the value is too long for an array
     */
    public byte[] toByteArray() {
        checkUsable();
        if (valueLength() > MAX_ARRAY_LENGTH) {
            throw new IllegalArgumentException("a value of " + valueLength() + " bytes does not fit an array");
        }
        byte[] copy = new byte[(int) valueLength()];
        copy(valueOffset(), ByteBuffer.wrap(copy), copy.length);
        return copy;
    }

    /**
     * Copies bytes of the value, from an offset on, until the buffer is full or the value ends.
     *
     * @param offset offset of the first byte in the value
     * @param target the buffer; its position advances
     * @return the number of bytes copied
     * @throws IndexOutOfBoundsException if the offset is outside the value
     */
    public int copyTo(long offset, ByteBuffer target) {
        checkUsable();
        checkRange(offset, valueLength());
        return copy(valueOffset() + offset, target, valueLength() - offset);
    }

    /**
     * Writes the value to a channel, from file to socket without a copy if the channel is a socket.
     *
     * @param target the channel
     * @return the number of bytes written: all of them, unless the channel is non-blocking and full
     * @throws IOException if the channel fails
     */
    public long writeTo(WritableByteChannel target) throws IOException {
        return writeTo(target, 0, valueLength());
    }

    /**
     * Writes a part of the value to a channel; see {@link #writeTo(WritableByteChannel)}.
     *
     * @param target the channel
     * @param offset offset of the first byte in the value
     * @param length number of bytes; at most up to the end of the value
     * @return the number of bytes written
     * @throws IOException if the channel fails
     * @throws IllegalArgumentException if the length is negative
     * @throws IndexOutOfBoundsException if the offset is outside the value
     */
    public long writeTo(WritableByteChannel target, long offset, long length) throws IOException {
        checkUsable();
        checkRange(offset, valueLength());
        if (length < 0) {
            throw new IllegalArgumentException("length " + length + " is negative");
        }
        long most = Math.min(length, valueLength() - offset);
        long total = 0;
        while (total < most) {
            long count = transfer(target, valueOffset() + offset + total, most - total);
            if (count <= 0) {
                break;
            }
            total += count;
        }
        return total;
    }

    private long transfer(WritableByteChannel target, long fileOffset, long count) throws IOException {
        long sent = callFile(file -> file.transferTo(fileOffset, count, target));
        refuseShortFile(sent, fileOffset, count);
        return sent;
    }

    private static void checkRange(long offset, long length) {
        if (offset < 0 || offset > length) {
            throw new IndexOutOfBoundsException("offset " + offset + " of a value of " + length + " bytes");
        }
    }

    /** Ends the lease. Closing a closed view does nothing. */
    @Override
    public void close() {
        release();
    }
}
