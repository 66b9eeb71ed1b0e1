package dev.penstock.store;

import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.io.CutShortException;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.reclaim.Leased;
import dev.penstock.store.internal.segment.RecordFile;
import dev.penstock.store.internal.segment.Segment;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;
import java.time.Instant;
import java.util.Objects;

/**
 * A value where it lies, from {@link Store#get(byte[])}. The bytes are those of the mapped page and never change; a later write
 * to the key makes another record and leaves this one alone.
 *
 * <p>An open view holds a lease that keeps its file from being given back, so close it, best by try-with-resources. After
 * the view or the store is closed, its methods throw {@link StoreClosedException}.
 *
 * <p>A view can be used again and again, by {@link Store#get(byte[], ValueView)}; a read then allocates nothing.
 *
 * <p>May be used and closed on any thread, by one at a time.
 */
public final class ValueView implements AutoCloseable {

    private static final int CLOSED = Leased.NO_LEASE;
    private static final long NONE = -1;
    private static final int MAX_ARRAY_LENGTH = Integer.MAX_VALUE - 8;

    private Engine engine;
    /** The one reference that changes with each read: to store one in an old object is what costs most in a collector. */
    private RecordFile source;

    private long valueOffset;
    private long valueLength;
    private long sequence;
    private long expiryMillis;
    private int lease = CLOSED;
    private long unverifiedRecord = NONE;

    /** A view of nothing, closed, for {@link Store#get(byte[], ValueView)} to fill. */
    public ValueView() {}

    /**
     * Shows a value whose segment is leased.
     *
     * @param recordSequence of the record that holds the value or refers to it, as the expiry
     */
    void show(
            Engine owner,
            RecordFile segment,
            long offset,
            long length,
            long recordSequence,
            long recordExpiryMillis,
            int held) {
        if (engine != owner) {
            engine = owner;
            unverifiedRecord = NONE;
        }
        source = segment;
        valueOffset = offset;
        valueLength = length;
        sequence = recordSequence;
        expiryMillis = recordExpiryMillis;
        lease = held;
    }

    /** Length of the value in bytes. */
    public long length() {
        checkOpen();
        return valueLength;
    }

    /**
     * The version of the value, always positive: of two values of a key the later has the greater one. See
     * {@link WriteOptions#ifVersion} and {@link WriteBatch#expectVersion}.
     */
    public long version() {
        checkOpen();
        return sequence;
    }

    /** When the value expires; null if it never does. */
    public Instant expiry() {
        checkOpen();
        return expiryMillis == Store.NO_EXPIRY ? null : Instant.ofEpochMilli(expiryMillis);
    }

    /**
     * When the value expires, in milliseconds of the epoch; {@link Store#NO_EXPIRY} if it never does. Allocates nothing,
     * where {@link #expiry()} makes an object.
     */
    public long expiryMillis() {
        checkOpen();
        return expiryMillis;
    }

    /**
     * The value itself, read-only. It may be kept longer than this view only at the price of an
     * {@link IllegalStateException} on access once its file has been given back. A page that the system cannot supply is an
     * {@link InternalError} of the JVM's here, and a {@link PageLostException} in every other method.
     */
    public MemorySegment segment() {
        checkOpen();
        return readableMemory().asSlice(valueOffset, valueLength);
    }

    /** The byte at an offset. Allocates nothing, where {@link #segment()} may make an object for the slice. */
    public byte getByte(long offset) {
        checkAccess(offset, Byte.BYTES);
        try {
            byte value = memory().get(ValueLayout.JAVA_BYTE, valueOffset + offset);
            PageFaults.deliver();
            return value;
        } catch (IllegalStateException released) {
            throw closed();
        } catch (InternalError e) {
            throw engine.pageLost(e, source);
        }
    }

    /** The eight bytes from an offset on as a number, in the order given; see {@link #getByte}. */
    public long getLong(long offset, ByteOrder order) {
        checkAccess(offset, Long.BYTES);
        try {
            long value = memory().get(ValueLayout.JAVA_LONG_UNALIGNED, valueOffset + offset);
            PageFaults.deliver();
            return order == ByteOrder.nativeOrder() ? value : Long.reverseBytes(value);
        } catch (IllegalStateException released) {
            throw closed();
        } catch (InternalError e) {
            throw engine.pageLost(e, source);
        }
    }

    private void checkAccess(long offset, int length) {
        checkOpen();
        Objects.checkFromIndexSize(offset, length, valueLength);
    }

    /** A part of {@link #segment()}; it may begin and end anywhere in values of any length. */
    public MemorySegment slice(long offset, long length) {
        checkOpen();
        Objects.checkFromIndexSize(offset, length, valueLength);
        return readableMemory().asSlice(valueOffset + offset, length);
    }

    /**
     * A copy of the value.
     *
     * @throws IllegalArgumentException if it is too long for an array
     */
    public byte[] toByteArray() {
        if (valueLength > MAX_ARRAY_LENGTH) {
            throw new IllegalArgumentException("a value of " + valueLength + " bytes does not fit an array");
        }
        byte[] copy = new byte[(int) valueLength];
        copy(valueOffset, ByteBuffer.wrap(copy), copy.length);
        return copy;
    }

    /**
     * Copies as much of the value, from an offset on, as the buffer has room for; returns how much. The buffer's position
     * moves.
     */
    public int copyTo(long offset, ByteBuffer target) {
        checkRange(offset, valueLength);
        return copy(valueOffset + offset, target, valueLength - offset);
    }

    /**
     * Writes the value to a channel, file to socket where the channel is one. Returns the bytes written: all of them,
     * unless the channel is non-blocking and full.
     */
    public long writeTo(WritableByteChannel target) throws IOException {
        return writeTo(target, 0, valueLength);
    }

    /** Writes a part of the value; see {@link #writeTo(WritableByteChannel)}. */
    public long writeTo(WritableByteChannel target, long offset, long length) throws IOException {
        checkRange(offset, valueLength);
        long most = Math.min(length, valueLength - offset);
        long total = 0;
        while (total < most) {
            long count = transfer(target, valueOffset + offset + total, most - total);
            if (count <= 0) {
                break;
            }
            total += count;
        }
        return total;
    }

    /** Length of the value framed as a RESP bulk string, {@code $<length>\r\n<value>\r\n}, which is how it is stored. */
    public long frameLength() {
        return RecordLayout.frameLength(valueLength);
    }

    /** Copies as much of the frame, from an offset on, as the buffer has room for; returns how much. */
    public int copyFrameTo(long frameOffset, ByteBuffer target) {
        checkRange(frameOffset, frameLength());
        return copy(frameStart() + frameOffset, target, frameLength() - frameOffset);
    }

    /** The ways in which the frame can leave its file, for a server that chooses among them. It closes with the view. */
    public ValueFrame frame() {
        return new ValueFrame(this);
    }

    long frameStart() {
        return valueOffset - RecordLayout.framePrefixLength(valueLength);
    }

    private int copy(long fileOffset, ByteBuffer target, long available) {
        checkOpen();
        int count = (int) Math.min(target.remaining(), available);
        try {
            MemorySegment.copy(memory(), fileOffset, MemorySegment.ofBuffer(target), 0, count);
            PageFaults.deliver();
        } catch (IllegalStateException released) {
            throw closed();
        } catch (InternalError e) {
            throw engine.pageLost(e, source);
        }
        target.position(target.position() + count);
        return count;
    }

    private long transfer(WritableByteChannel target, long fileOffset, long count) throws IOException {
        long sent = onFile(file -> file.transferTo(fileOffset, count, target));
        refuseLoss(sent, fileOffset, count);
        return sent;
    }

    /**
     * Tells bytes that are gone from a target that takes none.
     *
     * @param count that were moved of as many as were wanted
     * @throws PageLostException if none were, because the file has become too short
     */
    void refuseLoss(long count, long fileOffset, long wanted) throws IOException {
        if (count <= 0 && wanted > 0 && onFile(DiskFile::size) < fileOffset + wanted) {
            throw engine.pageLost(new InternalError("the file has become too short"), source);
        }
    }

    /** Something done with the value's file. */
    interface FileCall {
        long on(DiskFile file) throws IOException;
    }

    long onFile(FileCall call) throws IOException {
        checkOpen();
        try {
            return call.on(source.file());
        } catch (CutShortException e) {
            throw engine.pageLost(new InternalError(e), source);
        } catch (ClosedChannelException e) {
            if (engine.isClosed()) {
                throw closed();
            }
            throw e;
        }
    }

    /** A part of the mapped file, for whoever can cope with its being unmapped when the store is closed meanwhile. */
    MemorySegment memory(long fileOffset, long length) {
        checkOpen();
        return readableMemory().asSlice(fileOffset, length);
    }

    /** The whole segment, not for handing out. */
    private MemorySegment memory() {
        return source instanceof Segment segment ? segment.memory() : mapped(RecordFile::memory);
    }

    private MemorySegment readableMemory() {
        return mapped(RecordFile::readableMemory);
    }

    /** The one or the other memory of a source. */
    private interface Mapped {
        MemorySegment of(RecordFile source) throws IOException;
    }

    private MemorySegment mapped(Mapped which) {
        try {
            return which.of(source);
        } catch (IOException e) {
            throw engine.isClosed() ? closed() : StoreException.of("mapping " + source.name(), e);
        }
    }

    /**
     * Returns whether the value is still to be {@linkplain #verify() verified}: it was {@linkplain Store#locate located} in a
     * store that verifies what is read.
     */
    public boolean isVerificationDue() {
        return unverifiedRecord != NONE && lease != CLOSED;
    }

    /**
     * Compares the value with its checksum and looks at the frame around it, if that {@linkplain #isVerificationDue() is due}.
     * Reads all of the value.
     *
     * @throws CorruptionException if either is damaged; the view is closed then
     */
    public void verify() {
        checkOpen();
        long record = unverifiedRecord;
        if (record != NONE) {
            unverifiedRecord = NONE;
            verify(record);
        }
    }

    // --- for the store ---

    /** Notes that the value was not verified yet, where each that is read has to be. */
    void oweVerification(long recordOffset) {
        unverifiedRecord = recordOffset;
    }

    private void verify(long recordOffset) {
        int salt = Checksum.salt(engine.identity.salt(), engine.segments.place(source, recordOffset));
        int stored = RecordLayout.valueChecksum(memory(), recordOffset);
        boolean valueSound = (new Checksum().of(memory(), valueOffset, valueLength) ^ salt) == stored;
        boolean frameSound = RecordLayout.isFrameSound(memory(), valueOffset, valueLength);
        // A page that was lost is that, and no damage.
        PageFaults.deliver();
        if (!valueSound || !frameSound) {
            String name = source.name();
            close();
            throw new CorruptionException(
                    name,
                    recordOffset,
                    valueSound ? "the frame of the value is damaged" : "value checksum does not match");
        }
    }

    StoreException pageLost(InternalError e) {
        return engine.pageLost(e, source);
    }

    boolean isClosed() {
        return lease == CLOSED;
    }

    RecordFile source() {
        return source;
    }

    private void checkOpen() {
        if (lease == CLOSED) {
            throw new StoreClosedException("the view is closed");
        }
    }

    StoreClosedException closed() {
        return new StoreClosedException(engine.path + " is closed");
    }

    static void checkRange(long offset, long length) {
        if (offset < 0 || offset > length) {
            throw new IndexOutOfBoundsException("offset " + offset + " of a value of " + length + " bytes");
        }
    }

    /** Ends the lease. Closing a closed view does nothing. */
    @Override
    public void close() {
        int held = lease;
        if (held != CLOSED) {
            lease = CLOSED;
            source.release(held);
        }
    }
}
