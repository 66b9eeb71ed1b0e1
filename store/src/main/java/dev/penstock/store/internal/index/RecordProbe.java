package dev.penstock.store.internal.index;

import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.io.RawMemory;
import dev.penstock.store.internal.segment.SegmentAddresses;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads one bucket, and the records that its slots point at, by address: the two cache misses of a get, with as few
 * other instructions as possible. A processor overlaps a few hundred instructions, so the next get can begin to wait
 * for its memory while this one still waits. Each instruction saved here lets the next get begin earlier.
 *
 * <p><b>No address is formed from an unchecked field.</b> A bucket's address is masked into its range. A slot's
 * position leads to a mapped segment, or to none, and to an offset less than the segment's size. A header and the
 * longest key that begin there end in the segment or in the margin after it.
 *
 * <p>The caller holds a lease of the log's readers.
 */
final class RecordProbe {

    /** One mask for all addresses of a bucket: see {@link RawMemory#ADDRESSES}. */
    private static final long ADDRESSES = RawMemory.ADDRESSES;

    private static final int TAG_SHIFT = Slot.TAG_BYTE_SHIFT;
    private static final VarHandle GIVEN = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int MIDDLE_KEY_LENGTH = 16;

    /** What is touched of a record: a short value ends on the third line of the processor's cache at the latest. */
    private static final int TOUCHED_LINES = 3;

    private static final long LINE_LENGTH = 64;
    private static final int IN_PAGE_MASK = 4095;

    private RecordProbe() {}

    /**
     * Looks for a key in a bucket.
     *
     * @return the address of its record; 0 if it is not there; the link, which is negative, if there is an overflow
     *     bucket to be looked at; or {@link KeyDirectory#UNDECIDED}
     */
    static long find(
            long bucket, long hash, int level, byte[] key, int keyOffset, int keyLength, SegmentAddresses segments) {
        long at = bucket & ADDRESSES;
        long tag = Slot.tag(hash);
        long slot;
        // One branch a slot, and none that depends on the loop.
        if ((slot = RawMemory.getLong(at)) >>> TAG_SHIFT == tag
                || (slot = RawMemory.getLong(at + 8)) >>> TAG_SHIFT == tag
                || (slot = RawMemory.getLong(at + 16)) >>> TAG_SHIFT == tag
                || (slot = RawMemory.getLong(at + 24)) >>> TAG_SHIFT == tag
                || (slot = RawMemory.getLong(at + 32)) >>> TAG_SHIFT == tag
                || (slot = RawMemory.getLong(at + 40)) >>> TAG_SHIFT == tag
                || (slot = RawMemory.getLong(at + 48)) >>> TAG_SHIFT == tag
                || (slot = RawMemory.getLong(at + 56)) >>> TAG_SHIFT == tag) {
            if (Slot.agrees(slot, hash, level)) {
                long address = address(slot, segments);
                return address != SegmentAddresses.UNKNOWN && matches(address, key, keyOffset, keyLength)
                        ? address
                        : KeyDirectory.UNDECIDED;
            }
            return findAmongAll(at, hash, level, key, keyOffset, keyLength, segments);
        }
        return Slot.isLink(slot) ? slot : 0;
    }

    /** The same where the first slot that has the tag is another key's, or empty. */
    private static long findAmongAll(
            long at, long hash, int level, byte[] key, int keyOffset, int keyLength, SegmentAddresses segments) {
        long tag = Slot.tag(hash);
        long slot = Slot.EMPTY;
        for (int index = 0; index < BucketArray.SLOTS; index++) {
            slot = RawMemory.getLong((at & ADDRESSES) + ((long) index << 3));
            if (slot >>> TAG_SHIFT == tag && Slot.agrees(slot, hash, level)) {
                // If its key is another one, that is a rare chance, or damage, or a record on its way elsewhere.
                long address = address(slot, segments);
                return address != SegmentAddresses.UNKNOWN && matches(address, key, keyOffset, keyLength)
                        ? address
                        : KeyDirectory.UNDECIDED;
            }
        }
        return Slot.isLink(slot) ? slot : 0;
    }

    /**
     * Where the record of a key seems to be, by the tag alone; the bucket itself if nowhere. Without a branch on the
     * tags.
     */
    static long likelyRecord(long bucket, long hash, SegmentAddresses segments, long[] table) {
        long at = bucket & ADDRESSES;
        long tag = Slot.tag(hash);
        int index = 0;
        for (int other = 1; other < BucketArray.SLOTS; other++) {
            long slot = RawMemory.getLong(at + ((long) other << 3));
            index = slot >>> TAG_SHIFT == tag && slot > 0 ? other : index;
        }
        long slot = RawMemory.getLong(at + ((long) index << 3));
        long record = slot < 0 ? SegmentAddresses.UNKNOWN : segments.address(table, Slot.position(slot));
        return record == SegmentAddresses.UNKNOWN ? at : record;
    }

    /** Reads something of a bucket. */
    static long touchBucket(long bucket) {
        return RawMemory.getLong(bucket & ADDRESSES);
    }

    /** Reads something of the first lines of a record, as far as they lie in one page: behind it the file may end. */
    static long touchRecord(long record) {
        long last = record | IN_PAGE_MASK & -Long.BYTES;
        long touched = 0;
        for (int line = 0; line < TOUCHED_LINES; line++) {
            touched += RawMemory.getLong(Math.min(record + line * LINE_LENGTH, last) & ADDRESSES);
        }
        return touched;
    }

    private static long address(long slot, SegmentAddresses segments) {
        VarHandle.loadLoadFence(); // the table is not older than the slot
        return segments.address(segments.table(), Slot.position(slot)) & ADDRESSES;
    }

    private static boolean matches(long address, byte[] key, int keyOffset, int keyLength) {
        if (RecordLayout.keyLength(RawMemory.getInt(address)) != keyLength) {
            return false;
        }
        long stored = address + RecordLayout.KEY_OFFSET;
        int last = keyLength - Long.BYTES;
        if (last < 0 || keyLength > MIDDLE_KEY_LENGTH) {
            return equal(stored, key, keyOffset, keyLength);
        }
        return RawMemory.getLong(stored) == (long) GIVEN.get(key, keyOffset)
                && RawMemory.getLong(stored + last) == (long) GIVEN.get(key, keyOffset + last);
    }

    private static boolean equal(long stored, byte[] key, int keyOffset, int keyLength) {
        int done = 0;
        for (; done <= keyLength - Long.BYTES; done += Long.BYTES) {
            if (RawMemory.getLong(stored + done & ADDRESSES) != (long) GIVEN.get(key, keyOffset + done)) {
                return false;
            }
        }
        for (; done < keyLength; done++) {
            if (RawMemory.getByte(stored + done & ADDRESSES) != key[keyOffset + done]) {
                return false;
            }
        }
        return true;
    }
}
