package dev.penstock.store.internal.read;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.StoreClosedException;
import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.io.CutShortException;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.io.RawMemory;
import dev.penstock.store.internal.io.StackReserve;
import dev.penstock.store.internal.io.StoreErrors;
import dev.penstock.store.internal.reclaim.ReaderLeases.OwnCounter;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.RecordFile;
import dev.penstock.store.internal.segment.Segment;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The value of one record in place, and the lease that keeps its file. {@link ReadPath} binds it. It is reused: a read
 * into it allocates nothing.
 *
 * <p>The public view extends this class, so that a read is one object and not two. Methods for this package are
 * package-private, methods for the view protected.
 *
 * <p>One thread at a time.
 *
 * @hidden
 */
@SuppressWarnings("InvalidBlockTag") // Error Prone does not know @hidden on a class
public abstract class RecordCursor {

    private static final ValueLayout.OfLong LITTLE_ENDIAN_LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final long CLOSED = -1;
    private static final long NONE = -1;
    /** The extent of an empty value that is not read by its address. */
    private static final long NOT_BY_ADDRESS = CLOSED - 1;

    @SuppressWarnings("NullAway.Init") // set with the first lease; read only under a lease
    private ReadContext context;

    private int lease;
    /** The lease that is, or was last, held to read by address, which leaves the other as it is. */
    private int addressLease;
    /** Where that is counted: the next one most often is, too. */
    private OwnCounter counter = OwnCounter.NONE;

    /**
     * The length of a value that is read by address; {@link #CLOSED} if there is none; otherwise a negative number that
     * stands for the length. So one look tells whether a byte can be read by address.
     */
    private long extent = CLOSED;

    /**
     * Where the value lies in memory that can be read whatever becomes of its file, if the extent says so. Then the
     * next one counts, and the others are looked up on demand: to store a reference in an old object is what costs most
     * in a collector, and a read should cost two cache misses and little else.
     */
    private long valueAddress;

    private long recordAddress;

    @SuppressWarnings("NullAway.Init") // as the context
    private RecordFile source;

    private long valueOffset;
    private long sequence;
    private long expiryMillis;
    private long recordPosition; // of the record in the log
    private int saltedChecksum; // that this record has
    private long unverifiedRecord = NONE;

    protected RecordCursor() {}

    // --- for the read path ---

    /**
     * Binds to a value whose file is leased.
     *
     * @param recordSequence of the record that holds the value or refers to it, as the expiry
     * @param position of that record
     * @param valueChecksum that it has, with the salt of its position
     */
    final void bind(
            ReadContext owner,
            RecordFile file,
            long offset,
            long length,
            long recordSequence,
            long recordExpiryMillis,
            long position,
            int valueChecksum,
            int held) {
        if (context != owner) {
            enter(owner);
        }
        source = file;
        valueOffset = offset;
        extent = NOT_BY_ADDRESS - length;
        sequence = recordSequence;
        expiryMillis = recordExpiryMillis;
        recordPosition = position;
        saltedChecksum = valueChecksum;
        lease = held;
    }

    /**
     * Binds to a value in the log by its address, under the lease that was begun on the {@linkplain #usedCounter
     * counter used before} or by {@link #beginLease}. None of its values has to be verified.
     *
     * @param record the address of the record
     * @param value the address of the value
     */
    final void bindByAddress(long record, long value, long length) {
        recordAddress = record;
        valueAddress = value;
        extent = length;
    }

    /** Begins a lease to read by address, on the counter that the calling thread uses now. The cursor is not bound. */
    final void beginLease(ReadContext owner) {
        if (context != owner) {
            enter(owner);
        }
        addressLease = owner.leases.open();
        counter = owner.leases.counter(addressLease);
    }

    /** Ends the lease to read by address. */
    final void endLease() {
        OwnCounter own = counter;
        if (own.isOwn()) {
            own.end();
        } else {
            context.leases.close(addressLease); // which ends the lease last, if there is stack for it
        }
    }

    private void enter(ReadContext owner) {
        context = owner;
        counter = OwnCounter.NONE;
        unverifiedRecord = NONE;
    }

    /** Where the last lease to read by address was counted. If the next one is, the cursor need not be told. */
    final OwnCounter usedCounter() {
        return counter;
    }

    /** Notes that the value was not verified yet, where each that is read has to be. */
    final void oweVerification(long recordOffset) {
        unverifiedRecord = recordOffset;
    }

    /**
     * Verifies the value if that is due. Ends the lease if it is damaged. Errors of memory are the caller's; the value
     * is still to be verified then.
     */
    final void verifyIfDue() {
        long record = unverifiedRecord;
        if (record != NONE) {
            verify(record);
            unverifiedRecord = NONE;
        }
    }

    private void verify(long recordOffset) {
        RecordFile file = source();
        MemorySegment memory = memory();
        long offset = valueOffset();
        int salt = Checksum.salt(context.salt, context.segments.place(file, recordOffset));
        int stored = RecordLayout.valueChecksum(memory, recordOffset);
        boolean valueSound = (new Checksum().of(memory, offset, valueLength()) ^ salt) == stored;
        boolean frameSound = RecordLayout.isFrameSound(memory, offset, valueLength());
        // A page that was lost is that, and no damage.
        PageFaults.deliver();
        if (!valueSound || !frameSound) {
            String name = file.name();
            unverifiedRecord = NONE;
            release();
            throw new CorruptionException(
                    name,
                    recordOffset,
                    valueSound ? "the frame of the value is damaged" : "value checksum does not match");
        }
    }

    final RecordFile source() {
        return isByAddress() ? segment() : source;
    }

    private Segment segment() {
        Segment segment = context.addresses.segment(recordAddress);
        if (segment == null) {
            throw context.errors.closed();
        }
        return segment;
    }

    final boolean isBound() {
        return extent != CLOSED;
    }

    /** Length of the value with the frame around it. */
    final long boundFrameLength() {
        return RecordLayout.frameLength(valueLength());
    }

    /** Copies the whole frame into a buffer that has space for it. */
    final void copyFrame(ByteBuffer target) {
        copy(frameStart(), target, boundFrameLength());
    }

    // --- for the view ---

    protected final boolean isUnverified() {
        return unverifiedRecord != NONE && isBound();
    }

    /**
     * Makes it due to verify the value, whether or not each that is read has to be: until that is done, the lease ends,
     * or the cursor is bound again.
     */
    protected final void requireVerification() {
        checkUsable();
        oweVerification(recordOffset());
    }

    /** Offset in the value's file of the record that has the value. */
    private long recordOffset() {
        if (isByAddress()) {
            return context.addresses.offset(recordAddress);
        }
        return source instanceof LargeSegment ? SegmentHeader.LENGTH : context.segments.offset(recordPosition);
    }

    /** Compares the value with its checksum, and looks at the frame around it, if that is due. */
    protected final void verifyBound() {
        checkBound();
        try {
            verifyIfDue();
        } catch (IllegalStateException | InternalError e) {
            throw unreadable(e);
        }
    }

    /** Whether the value can be read by {@code valueAddress}. */
    protected final boolean isByAddress() {
        return extent >= 0;
    }

    /**
     * The address of the value. What is read there counts if the store {@linkplain #checkStoreOpen is open} afterwards.
     */
    protected final long valueAddress() {
        return valueAddress;
    }

    /** Throws if the store was closed before what was read by address was read. */
    protected final void checkStoreOpen() {
        VarHandle.acquireFence();
        context.checkOpen();
    }

    /** Offset of the value in its file. */
    protected final long valueOffset() {
        return isByAddress() ? context.addresses.offset(recordAddress) + valueAddress - recordAddress : valueOffset;
    }

    /** Negative if the view is closed. */
    protected final long valueLength() {
        return extent >= CLOSED ? extent : NOT_BY_ADDRESS - extent;
    }

    /**
     * Whether so many bytes from an offset on are of a value that is read by address. Any offset may be asked for: the
     * caller's is compared and never added or subtracted.
     */
    protected final boolean isInReach(long offset, int count) {
        return offset >= 0 && offset <= extent - count;
    }

    protected final long sequence() {
        return isByAddress() ? load(recordAddress + RecordLayout.SEQUENCE_OFFSET) : sequence;
    }

    protected final long recordExpiryMillis() {
        if (!isByAddress()) {
            return expiryMillis;
        }
        int commitWord = (int) load(recordAddress + RecordLayout.COMMIT_WORD_OFFSET);
        int keyLength = Math.min(RecordLayout.keyLength(commitWord), RecordLayout.MAX_KEY_LENGTH);
        return RecordLayout.isExpiring(commitWord)
                ? load(recordAddress + RecordLayout.KEY_OFFSET + keyLength)
                : RecordLayout.NO_EXPIRY;
    }

    /** The CRC32C of the value, as it was stored with it. Reads the record in the log, and none of the value. */
    protected final int valueChecksum() {
        int salted = saltedChecksum;
        long position = recordPosition;
        if (isByAddress()) {
            salted = (int) load(recordAddress + RecordLayout.VALUE_CHECKSUM_OFFSET);
            position = context.segments.place(segment(), context.addresses.offset(recordAddress));
        }
        return salted ^ Checksum.salt(context.salt, position);
    }

    /** Eight bytes of the record or behind it. */
    private long load(long address) {
        try {
            long loaded = RawMemory.getLong(address & RawMemory.ADDRESSES);
            PageFaults.deliver();
            checkStoreOpen();
            return loaded;
        } catch (InternalError e) {
            throw unreadable(e);
        }
    }

    /** The byte at an offset of the value, which is in it. */
    protected final byte byteAt(long offset) {
        try {
            byte value = isByAddress()
                    ? RawMemory.getByte(valueAddress + offset & RawMemory.ADDRESSES)
                    : memory().get(ValueLayout.JAVA_BYTE, valueOffset + offset);
            PageFaults.deliver();
            checkStoreOpen();
            return value;
        } catch (IllegalStateException | InternalError e) {
            throw unreadable(e);
        }
    }

    /** The eight bytes at an offset of the value, lowest first. They are {@linkplain #isInReach in reach}. */
    protected final long longByAddress(long offset) {
        try {
            long value = RawMemory.getLong(valueAddress + offset & RawMemory.ADDRESSES);
            PageFaults.deliver();
            checkStoreOpen();
            return value;
        } catch (InternalError e) {
            throw unreadable(e);
        }
    }

    /** The same of a value that is not. */
    protected final long longAt(long offset) {
        try {
            long value = memory().get(LITTLE_ENDIAN_LONG, valueOffset() + offset);
            PageFaults.deliver();
            checkStoreOpen();
            return value;
        } catch (IllegalStateException | InternalError e) {
            throw unreadable(e);
        }
    }

    /** Offset in the file of the frame around the value. */
    protected final long frameStart() {
        return valueOffset() - RecordLayout.framePrefixLength(valueLength());
    }

    protected final void checkBound() {
        if (!isBound()) {
            throw new StoreClosedException("the view is closed");
        }
    }

    /** Throws if the view, or the store, is closed. */
    protected final void checkUsable() {
        checkBound();
        context.checkOpen();
    }

    /** Copies from an offset of the file as much as the buffer has space for; returns how much. */
    protected final int copy(long fileOffset, ByteBuffer target, long available) {
        checkBound();
        int count = (int) Math.min(target.remaining(), available);
        try {
            MemorySegment.copy(memory(), fileOffset, MemorySegment.ofBuffer(target), 0, count);
            PageFaults.deliver();
        } catch (IllegalStateException | InternalError e) {
            throw ownOrCallers(e);
        }
        target.position(target.position() + count);
        return count;
    }

    /**
     * Tells bytes that are gone from a target that takes none.
     *
     * @param count that were moved of as many as were wanted
     * @throws dev.penstock.store.PageLostException if none were, because the file has become too short
     */
    protected final void refuseShortFile(long count, long fileOffset, long wanted) throws IOException {
        if (count <= 0 && wanted > 0 && callFile(DiskFile::size) < fileOffset + wanted) {
            throw errors().of(new InternalError("the file has become too short"));
        }
    }

    /** Something done with the value's file. */
    @FunctionalInterface
    protected interface Call {
        long on(DiskFile file) throws IOException;
    }

    protected final long callFile(Call call) throws IOException {
        checkBound();
        return errors().touch(() -> {
            try {
                return call.on(source().file());
            } catch (CutShortException e) {
                throw new InternalError(e);
            }
        });
    }

    /** The whole of the mapped file, not for handing out. */
    protected final MemorySegment memory() {
        return source() instanceof Segment segment ? segment.memory() : mapped(RecordFile::memory);
    }

    /** The same, to be handed out: nobody can write to it. */
    protected final MemorySegment readableMemory() {
        return mapped(RecordFile::readableMemory);
    }

    /** The one or the other memory of a file. */
    private interface Mapped {
        MemorySegment of(RecordFile source) throws IOException;
    }

    private MemorySegment mapped(Mapped which) {
        RecordFile file = source();
        try {
            return which.of(file);
        } catch (IOException e) {
            throw errors().of("mapping " + file.name(), e);
        }
    }

    /** What turns errors of reading the value into exceptions. */
    protected final StoreErrors errors() {
        return context.host.errors(source());
    }

    /**
     * The exception to throw for an error of mapped memory. The memory of a value that is leased is released when the
     * store is closed, and never before. An {@link InternalError} of a page that the caller touched before is thrown as
     * it is.
     */
    private RuntimeException unreadable(Throwable thrown) {
        return thrown instanceof IllegalStateException ? context.errors.closed() : ownOrCallers(thrown);
    }

    /**
     * Runs code of the caller that may read the value. Its errors are not taken for those of the store: an {@link
     * InternalError} is only if the value cannot be read.
     */
    protected final <T extends @Nullable Object> T lend(Supplier<T> use) {
        try {
            T result = use.get();
            PageFaults.deliver();
            return result;
        } catch (IllegalStateException | InternalError e) {
            throw ownOrCallers(e);
        }
    }

    private RuntimeException ownOrCallers(Throwable thrown) {
        if (thrown instanceof InternalError error && (!isBound() || isReadable())) {
            throw error;
        }
        return isBound() ? errors().of(thrown) : context.errors.of(thrown);
    }

    /** Whether all that is read of the record can be read: only after an error. */
    private boolean isReadable() {
        long begin = recordOffset();
        long end = valueOffset() + valueLength() + RecordLayout.FRAME_SUFFIX_LENGTH;
        return PageFaults.canRead(memory(), begin, end - begin);
    }

    /** Ends the lease, if there is one; without stack for that, it stays, so that this can be called again. */
    protected final void release() {
        if (!isBound()) {
            return;
        }
        if (isByAddress()) {
            unbindAddress();
        } else {
            StackReserve.require();
            unbind();
        }
    }

    /** Ends the lease, if there is one. Its beginning made sure of the stack for that. */
    final void unbind() {
        if (isBound()) {
            if (isByAddress()) {
                unbindAddress();
            } else {
                extent = CLOSED;
                source.release(lease);
                unverifiedRecord = NONE;
            }
        }
    }

    private void unbindAddress() {
        PageFaults.deliver(); // an error of the caller's that is due must not come between these
        endLease();
        extent = CLOSED;
        unverifiedRecord = NONE;
    }
}
