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

    private static final VarHandle GIVEN = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    /** The last eight bytes of a key of eight to sixteen begin here at most. */
    private static final int LAST_OF_MIDDLE_KEY = 8;

    /** What is touched of a record: a short value ends on the third line of the processor's cache at the latest. */
    private static final int TOUCHED_LINES = 3;

    private static final long LINE_LENGTH = 64;
    private static final int IN_PAGE_MASK = 4095;

    private RecordProbe() {}

    /**
     * Looks in a bucket for the slot of a key, by all bits of the hash that a slot holds. Another key may have the same
     * bits.
     *
     * @return the position of its record; 0 if there is none; the link, which is negative, if there is an overflow
     *     bucket to be looked at
     */
    @SuppressWarnings("AssignmentExpression") // the slot that had the tag, without a variable for each
    static long find(long bucket, long hash, int level) {
        long at = bucket & ADDRESSES;
        long wanted = Slot.wanted(hash);
        long slot; // without the tag, if it has that
        // One branch a slot, and none that depends on the loop.
        if (Slot.isTagged(slot = RawMemory.getLong(at) ^ wanted)
                || Slot.isTagged(slot = RawMemory.getLong(at + 8) ^ wanted)
                || Slot.isTagged(slot = RawMemory.getLong(at + 16) ^ wanted)
                || Slot.isTagged(slot = RawMemory.getLong(at + 24) ^ wanted)
                || Slot.isTagged(slot = RawMemory.getLong(at + 32) ^ wanted)
                || Slot.isTagged(slot = RawMemory.getLong(at + 40) ^ wanted)
                || Slot.isTagged(slot = RawMemory.getLong(at + 48) ^ wanted)
                || Slot.isTagged(slot = RawMemory.getLong(at + 56) ^ wanted)) {
            return Slot.agreesUntagged(slot, hash, level) ? placed(Slot.position(slot)) : findAmongAll(at, hash, level);
        }
        return Slot.isLink(slot) ? slot ^ wanted : 0;
    }

    /** No record lies at position 0, which stands for an absent key here: a slot that says so is damaged. */
    private static long placed(long position) {
        return position != 0 ? position : KeyDirectory.UNDECIDED;
    }

    /** The same where the first slot that has the tag is another key's, or empty. */
    private static long findAmongAll(long at, long hash, int level) {
        long wanted = Slot.wanted(hash);
        long slot = Slot.EMPTY;
        for (int index = 0; index < BucketArray.SLOTS; index++) {
            slot = RawMemory.getLong((at & ADDRESSES) + ((long) index << 3));
            if (Slot.isTagged(slot ^ wanted) && Slot.agrees(slot, hash, level)) {
                return placed(Slot.position(slot));
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
        long wanted = Slot.wanted(hash);
        int index = 0;
        for (int other = 1; other < BucketArray.SLOTS; other++) {
            long slot = RawMemory.getLong(at + ((long) other << 3));
            index = Slot.isTagged(slot ^ wanted) && slot > 0 ? other : index;
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

    /**
     * Whether a record has a key. If not, that is a rare chance, or damage, or a record on its way elsewhere.
     *
     * @param record within {@link RawMemory#ADDRESSES}
     * @param commitWord of the record
     */
    static boolean matches(long record, int commitWord, byte[] key, int keyOffset, int keyLength) {
        int last = keyLength - Long.BYTES;
        if (last < 0 || last > LAST_OF_MIDDLE_KEY) {
            // The margin behind a segment is long enough for the longest key, and not for what a damaged word may say.
            return keyLength <= RecordLayout.MAX_KEY_LENGTH
                    && RecordLayout.keyLength(commitWord) == keyLength
                    && equal(record + RecordLayout.KEY_OFFSET, key, keyOffset, keyLength);
        }
        // A value that never expires is the usual record, and then this is all there is to ask about the word.
        return (commitWord == RecordLayout.commitWord(RecordLayout.VALUE, keyLength)
                        || RecordLayout.keyLength(commitWord) == keyLength)
                && isMiddleKey(record + RecordLayout.KEY_OFFSET, key, keyOffset, last);
    }

    /** The same of any address of a record. */
    static boolean matches(long record, byte[] key, int keyOffset, int keyLength) {
        long at = record & ADDRESSES;
        return matches(at, RawMemory.getInt(at), key, keyOffset, keyLength);
    }

    private static boolean isMiddleKey(long stored, byte[] key, int keyOffset, int last) {
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
