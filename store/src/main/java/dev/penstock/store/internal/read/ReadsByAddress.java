package dev.penstock.store.internal.read;

import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.io.RawMemory;
import dev.penstock.store.internal.io.StackReserve;
import dev.penstock.store.internal.reclaim.ReaderLeases;
import dev.penstock.store.internal.segment.Expiry;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentAddresses;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * Reads one key in the usual case, with as few instructions as possible: the value is in the log, and all memory on the
 * way to it can be read by address. Every other case is {@link ReadPath#UNDECIDED}, and the caller takes the general
 * path: a large value, a record that is being moved, damage, a lost page, a store without {@linkplain
 * dev.penstock.store.internal.io.ReadableRange readable ranges}.
 *
 * <p><b>Why the memory stays.</b> A lease begins before the first look at the key directory. A segment is retired when
 * no slot points at it any more, and unmapped when all leases that began before have ended. A record that a slot points
 * at during a lease can therefore be read until the lease ends, without a check whether the segment is retired.
 *
 * <p><b>Closing</b> a store waits for no lease. Its addresses then read as zeros, or as the memory of another store.
 * The last step of a read therefore checks whether the store is still open; if not, the result is discarded.
 *
 * <p>Thread-safe. Allocates nothing, takes no lock.
 */
final class ReadsByAddress {

    private final ReadContext context;
    private final KeyDirectory directory;
    private final SegmentAddresses addresses;
    private final ReaderLeases leases;
    private final Expiry expiry;

    ReadsByAddress(ReadContext context) {
        this.context = context;
        this.directory = context.directory;
        this.addresses = context.addresses;
        this.leases = context.leases;
        this.expiry = context.expiry;
    }

    /**
     * Binds a cursor to the value of a key.
     *
     * @return {@link ReadPath#FOUND}, {@link ReadPath#ABSENT} or {@link ReadPath#UNDECIDED}
     */
    long bind(long hash, byte[] key, int offset, int length, RecordCursor cursor) {
        StackReserve.require();
        if (!leases.begin(cursor.usedCounter())) {
            cursor.beginLease(context);
        }
        long outcome = ReadPath.UNDECIDED;
        long position = 0;
        try {
            VarHandle.acquireFence(); // no look at the directory before the lease
            position = directory.findCandidate(hash);
            outcome = position > 0 ? bindRecord(position, key, offset, length, cursor) : withoutRecord(position);
        } catch (InternalError e) {
            outcome = ReadPath.UNDECIDED;
            refuseCallers(e, position);
        } finally {
            if (outcome != ReadPath.FOUND) {
                cursor.endLease();
            }
        }
        if (isClosed()) {
            cursor.release();
            context.checkOpen();
        }
        return outcome;
    }

    private long bindRecord(long position, byte[] key, int offset, int length, RecordCursor cursor) {
        long last = addresses.last(position);
        if (last == SegmentAddresses.UNKNOWN) {
            return undecided();
        }
        long record = addresses.address(last, position) & RawMemory.ADDRESSES;
        int commitWord = RawMemory.getInt(record + RecordLayout.COMMIT_WORD_OFFSET);
        if (!KeyDirectory.hasKey(record, commitWord, key, offset, length)) {
            return undecided();
        }
        long valueLength = RawMemory.getLong(record + RecordLayout.VALUE_LENGTH_OFFSET);
        long value = value(record, last, commitWord, length, valueLength);
        PageFaults.deliver();
        if (value < 0) {
            return value;
        }
        cursor.bindByAddress(record, value, valueLength);
        return ReadPath.FOUND;
    }

    /**
     * Copies the frame of a value that is short enough.
     *
     * @return its length, {@link ReadPath#ABSENT} or {@link ReadPath#UNDECIDED}; the buffer's position has moved if it
     *     was copied
     */
    long copyFrame(long hash, byte[] key, int offset, int length, ByteBuffer target, int maxLength) {
        StackReserve.require();
        int lease = leases.open();
        int start = target.position();
        long outcome = ReadPath.UNDECIDED;
        long position = 0;
        try {
            VarHandle.acquireFence();
            position = directory.findCandidate(hash);
            outcome = position > 0
                    ? copyFrameOf(position, key, offset, length, target, maxLength)
                    : withoutRecord(position);
        } catch (IllegalStateException storeClosed) {
            outcome = ReadPath.UNDECIDED;
        } catch (InternalError e) {
            outcome = ReadPath.UNDECIDED;
            target.position(start);
            refuseCallers(e, position);
        } finally {
            leases.close(lease);
        }
        if (outcome == ReadPath.UNDECIDED) {
            target.position(start);
        }
        if (isClosed()) {
            target.position(start);
            context.checkOpen();
        }
        return outcome;
    }

    private long copyFrameOf(long position, byte[] key, int offset, int length, ByteBuffer target, int maxLength) {
        long last = addresses.last(position);
        if (last == SegmentAddresses.UNKNOWN) {
            return undecided();
        }
        long record = addresses.address(last, position) & RawMemory.ADDRESSES;
        int commitWord = RawMemory.getInt(record + RecordLayout.COMMIT_WORD_OFFSET);
        if (!KeyDirectory.hasKey(record, commitWord, key, offset, length)) {
            return undecided();
        }
        long valueLength = RawMemory.getLong(record + RecordLayout.VALUE_LENGTH_OFFSET);
        long value = value(record, last, commitWord, length, valueLength);
        if (value < 0) {
            PageFaults.deliver();
            return value;
        }
        long frameLength = RecordLayout.frameLength(valueLength);
        if (frameLength <= Math.min(maxLength, target.remaining())) {
            Segment segment = addresses.segment(record);
            if (segment == null) {
                return undecided();
            }
            // From buffer to buffer: no other way allocates nothing.
            int frame = (int) addresses.offset(value - RecordLayout.framePrefixLength(valueLength));
            target.put(target.position(), segment.buffer(), frame, (int) frameLength);
            target.position(target.position() + (int) frameLength);
        }
        PageFaults.deliver();
        return frameLength;
    }

    /**
     * The address of a record's value, whose frame lies in what is mapped of the segment; or {@link ReadPath#ABSENT} or
     * {@link ReadPath#UNDECIDED}, which are negative.
     *
     * @param last the address of the last byte that is mapped
     * @param commitWord from the record, as is {@code valueLength}: neither is believed yet
     */
    private long value(long record, long last, int commitWord, int keyLength, long valueLength) {
        return commitWord == RecordLayout.commitWord(RecordLayout.VALUE, keyLength)
                        && RecordLayout.isUnaligned(valueLength)
                ? usualValue(record, last, keyLength, valueLength)
                : unusualValue(record, last, commitWord, keyLength, valueLength);
    }

    private static long usualValue(long record, long last, int keyLength, long valueLength) {
        long value = record + RecordLayout.unalignedValueOffset(keyLength, valueLength);
        return value + valueLength + (RecordLayout.FRAME_SUFFIX_LENGTH - 1) <= last ? value : ReadPath.UNDECIDED;
    }

    /** The same of a value that may expire, or is long, or of another record. */
    private long unusualValue(long record, long last, int commitWord, int keyLength, long valueLength) {
        long state = stateOf(record, commitWord, keyLength);
        if (state != ReadPath.FOUND) {
            return state;
        }
        long room = last + 1 - record;
        if (valueLength < 0 || valueLength > room) {
            return ReadPath.UNDECIDED;
        }
        long value = RecordLayout.valueOffset(record, commitWord, valueLength);
        long frameEnd = value - RecordLayout.framePrefixLength(valueLength) + RecordLayout.frameLength(valueLength);
        return frameEnd - record > room ? ReadPath.UNDECIDED : value;
    }

    /** Whether a key is there: {@link ReadPath#FOUND}, {@link ReadPath#ABSENT} or {@link ReadPath#UNDECIDED}. */
    long test(long hash, byte[] key, int offset, int length) {
        StackReserve.require();
        int lease = leases.open();
        long outcome = ReadPath.UNDECIDED;
        long position = 0;
        try {
            VarHandle.acquireFence();
            position = directory.findCandidate(hash);
            outcome = position > 0 ? testRecord(position, key, offset, length) : withoutRecord(position);
        } catch (InternalError e) {
            outcome = ReadPath.UNDECIDED;
            refuseCallers(e, position);
        } finally {
            leases.close(lease);
        }
        if (isClosed()) {
            context.checkOpen();
        }
        return outcome;
    }

    private long testRecord(long position, byte[] key, int offset, int length) {
        long last = addresses.last(position);
        if (last == SegmentAddresses.UNKNOWN) {
            return undecided();
        }
        long record = addresses.address(last, position) & RawMemory.ADDRESSES;
        int commitWord = RawMemory.getInt(record + RecordLayout.COMMIT_WORD_OFFSET);
        if (!KeyDirectory.hasKey(record, commitWord, key, offset, length)) {
            return undecided();
        }
        long state = RecordLayout.isLastingValue(commitWord) ? ReadPath.FOUND : stateOf(record, commitWord, length);
        PageFaults.deliver();
        return state;
    }

    /**
     * Throws an error that came while a record was read if all of the record can be read: it is of a page that the
     * caller touched before, or of the caller's buffer. The buckets lie in memory that belongs to no file.
     *
     * @param position of the record, which the lease still keeps, also if another one has taken its place meanwhile; 0
     *     if none was found yet
     */
    private void refuseCallers(InternalError e, long position) {
        long last = position > 0 ? addresses.last(position) : SegmentAddresses.UNKNOWN;
        Segment segment = last == SegmentAddresses.UNKNOWN ? null : addresses.segment(last);
        if (segment == null || RecordPages.areReadable(segment, addresses.offset(position))) {
            throw e;
        }
    }

    /** What was read does not fit: because a page of it was lost, perhaps, which is found out inside the handler. */
    private static long undecided() {
        PageFaults.deliver();
        return ReadPath.UNDECIDED;
    }

    private static long withoutRecord(long answer) {
        PageFaults.deliver();
        return answer == 0 ? ReadPath.ABSENT : ReadPath.UNDECIDED;
    }

    /** Of any record. */
    private long stateOf(long record, int commitWord, int keyLength) {
        if (RecordLayout.kind(commitWord) != RecordLayout.VALUE) {
            return ReadPath.UNDECIDED;
        }
        if (!RecordLayout.isExpiring(commitWord)) {
            return ReadPath.FOUND;
        }
        long expiryMillis = RawMemory.getLong(record + RecordLayout.KEY_OFFSET + keyLength);
        long sequence = RawMemory.getLong(record + RecordLayout.SEQUENCE_OFFSET);
        PageFaults.deliver();
        return expiry.hasPassed(expiryMillis, sequence) ? ReadPath.ABSENT : ReadPath.FOUND;
    }

    /** Whether what was read before may be another store's. */
    private boolean isClosed() {
        VarHandle.acquireFence();
        return context.isClosed();
    }
}
