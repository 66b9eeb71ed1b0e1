package dev.penstock.store.internal.index;

import dev.penstock.store.internal.format.Limits;

/**
 * The eight bytes that stand for a key in a bucket. Zero is an empty slot.
 *
 * <pre>
 *  bit 63      link: the rest is the number of an overflow bucket
 *  bits 56-62  tag: hash bits that stay the same
 *  bits 50-55  next: a marker bit, and below it the next hash bits
 *  bits 0-49   location: the record's position divided by 8
 * </pre>
 *
 * <p>A lookup first compares the tags of a whole bucket, which takes few instructions, and then the next bits of each
 * slot that matched. A bucket at level L holds the keys whose hashes agree in the low L bits; the next bits are those
 * from L upwards. When the bucket splits, the lowest of them says which half a slot goes to, and they shift down by
 * one: the marker moves with them and shows how many are left. The directory therefore grows without reading records,
 * which matters when they are not in memory. The exceptions are the slots that have stayed for {@value #NEXT_BITS}
 * splits, one in sixty: their keys are hashed again.
 */
final class Slot {

    static final long EMPTY = 0;
    static final int NEXT_BITS = 5;
    static final int TAG_BITS = 7;

    private static final int POSITION_SHIFT = 3;
    private static final int LOCATION_BITS = Limits.POSITION_BITS - POSITION_SHIFT;
    private static final int TAG_SHIFT = LOCATION_BITS + NEXT_BITS + 1;
    /** Below the bits that choose the stripe; no table is so large that its buckets need them. */
    private static final int TAG_SHIFT_IN_HASH = 50;

    private static final long LOCATION_MASK = (1L << LOCATION_BITS) - 1;
    private static final long TAG_MASK = (1L << TAG_BITS) - 1 << TAG_SHIFT;
    /** The byte of a slot that holds the tag, and a bit that is set in a link alone. */
    private static final long TAG_BYTE = 0xFFL << TAG_SHIFT;

    private static final int NEXT_MASK = (1 << NEXT_BITS) - 1;
    private static final int MARKER = 1 << NEXT_BITS;
    private static final long LINK = Long.MIN_VALUE;

    private Slot() {}

    static long of(long hash, int level, long position) {
        long next = MARKER | hash >>> level & NEXT_MASK;
        return wanted(hash) | next << LOCATION_BITS | position >>> POSITION_SHIFT;
    }

    static long link(int overflowBucket) {
        return LINK | overflowBucket;
    }

    static boolean isLink(long slot) {
        return slot < 0;
    }

    static int linked(long slot) {
        return (int) (slot & LOCATION_MASK);
    }

    static long position(long slot) {
        return slot << Long.SIZE - LOCATION_BITS >>> Long.SIZE - LOCATION_BITS - POSITION_SHIFT;
    }

    /** Whether a slot stands for the key whose record is at a position. */
    static boolean isAt(long slot, long position) {
        return ((slot ^ position >>> POSITION_SHIFT) & (LINK | LOCATION_MASK)) == 0;
    }

    /** The tag of a key, where it stands in a slot. */
    static long wanted(long hash) {
        return hash << TAG_SHIFT - TAG_SHIFT_IN_HASH & TAG_MASK;
    }

    /** Whether a slot has a tag, from the slot {@code ^} the {@link #wanted} tag, which is the slot without it then. */
    static boolean isTagged(long untagged) {
        return Long.compareUnsigned(untagged, 1L << TAG_SHIFT) < 0;
    }

    /** Whether a slot that is tagged stands for a key whose next bits are those of the hash. */
    static boolean agreesUntagged(long untagged, long hash, int level) {
        int next = (int) (untagged >>> LOCATION_BITS);
        int different = next ^ (int) (hash >>> level);
        // All bits up to the lowest that is different, against all bits up to the marker. An empty slot has no marker.
        return Integer.compareUnsigned(different ^ different - 1, next - 1) > 0;
    }

    /**
     * Whether a slot that has the tag, or had it a moment ago, stands for a key whose next bits are those of the hash.
     */
    static boolean agrees(long slot, long hash, int level) {
        return slot > 0 && agreesUntagged(slot & ~TAG_BYTE, hash, level);
    }

    /** Whether the next hash bit is still in the slot. */
    static boolean canSplit(long slot) {
        return next(slot) > 1;
    }

    /** The next hash bit: which half the slot goes to. */
    static boolean goesUp(long slot) {
        return (next(slot) & 1) != 0;
    }

    /** The slot one level on. */
    static long split(long slot) {
        int next = next(slot) >>> 1;
        return slot & (TAG_MASK | LOCATION_MASK) | (long) next << LOCATION_BITS;
    }

    /** Takes the last byte of a word away and puts the tag byte of a slot, less the tag wanted, before the first. */
    static long shiftIn(long word, long slot, long wanted) {
        return word >>> Byte.SIZE | (slot ^ wanted) & TAG_BYTE;
    }

    private static int next(long slot) {
        return (int) (slot >>> LOCATION_BITS) & (MARKER | NEXT_MASK);
    }
}
