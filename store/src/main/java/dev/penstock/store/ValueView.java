package dev.penstock.store;

import dev.penstock.store.internal.engine.RecordCursor;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.io.RawMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.time.Instant;
import java.util.Objects;
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

    private static final ValueLayout.OfLong LITTLE_ENDIAN_LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int MAX_ARRAY_LENGTH = Integer.MAX_VALUE - 8;

    /** Creates a closed view for {@link Store#get(byte[], ValueView)}. */
    public ValueView() {}

    /** Length of the value in bytes. */
    public long length() {
        checkUsable();
        return valueLength();
    }

    /**
     * The version of the value, always positive: of two values of a key the later has the greater one. See
     * {@link WriteOptions#ifVersion} and {@link WriteBatch#expectVersion}.
     */
    public long version() {
        checkUsable();
        return sequence();
    }

    /** When the value expires; null if it never does. */
    public @Nullable Instant expiry() {
        checkUsable();
        long millis = recordExpiryMillis();
        return millis == Store.NO_EXPIRY ? null : Instant.ofEpochMilli(millis);
    }

    /**
     * When the value expires, in milliseconds since the epoch; {@link Store#NO_EXPIRY} if it never does. Allocates
     * nothing, unlike {@link #expiry()}.
     */
    public long expiryMillis() {
        checkUsable();
        return recordExpiryMillis();
    }

    /**
     * The value itself, read-only. Do not use it after the view is closed: once its file has been released, access
     * throws {@link IllegalStateException}. If the system cannot supply a page, access to the segment throws {@link
     * InternalError}; every other method throws {@link PageLostException}.
     */
    public MemorySegment segment() {
        checkUsable();
        return readableMemory().asSlice(valueOffset(), valueLength());
    }

    /** The byte at an offset. Allocates nothing, unlike {@link #segment()}. */
    public byte getByte(long offset) {
        checkAccess(offset, Byte.BYTES);
        try {
            byte value = isByAddress()
                    ? RawMemory.getByte(valueAddress() + offset & RawMemory.ADDRESSES)
                    : memory().get(ValueLayout.JAVA_BYTE, valueOffset() + offset);
            PageFaults.deliver();
            checkStoreOpen();
            return value;
        } catch (IllegalStateException released) {
            throw storeClosed();
        } catch (InternalError e) {
            throw pageLost(e);
        }
    }

    /** The eight bytes at an offset as a number, in the given byte order. Allocates nothing. */
    public long getLong(long offset, ByteOrder order) {
        checkAccess(offset, Long.BYTES);
        try {
            long value = isByAddress()
                    ? RawMemory.getLong(valueAddress() + offset & RawMemory.ADDRESSES)
                    : memory().get(LITTLE_ENDIAN_LONG, valueOffset() + offset);
            PageFaults.deliver();
            checkStoreOpen();
            return order == ByteOrder.LITTLE_ENDIAN ? value : Long.reverseBytes(value);
        } catch (IllegalStateException released) {
            throw storeClosed();
        } catch (InternalError e) {
            throw pageLost(e);
        }
    }

    private void checkAccess(long offset, int length) {
        checkBound();
        Objects.checkFromIndexSize(offset, length, valueLength());
    }

    /** A slice of {@link #segment()}, for values of any length. */
    public MemorySegment slice(long offset, long length) {
        checkUsable();
        Objects.checkFromIndexSize(offset, length, valueLength());
        return readableMemory().asSlice(valueOffset() + offset, length);
    }

    /**
     * A copy of the value.
     *
     * @throws IllegalArgumentException if it is too long for an array
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
     * Copies bytes of the value, from an offset on, until the buffer is full or the value ends. Returns their number
     * and advances the buffer's position.
     */
    public int copyTo(long offset, ByteBuffer target) {
        checkUsable();
        checkRange(offset, valueLength());
        return copy(valueOffset() + offset, target, valueLength() - offset);
    }

    /**
     * Writes the value to a channel, file to socket where the channel is one. Returns the bytes written: all of them,
     * unless the channel is non-blocking and full.
     */
    public long writeTo(WritableByteChannel target) throws IOException {
        return writeTo(target, 0, valueLength());
    }

    /** Writes a part of the value; see {@link #writeTo(WritableByteChannel)}. */
    public long writeTo(WritableByteChannel target, long offset, long length) throws IOException {
        checkUsable();
        checkRange(offset, valueLength());
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
