package dev.penstock.store.internal.index;

/**
 * The eight bytes that stand for a key in a bucket. Zero is an empty slot.
 *
 * <pre>
 *  bit 63      link: the rest is the number of an overflow bucket
 *  bits 50-62  tag: a marker bit, and below it hash bits
 *  bits 0-49   location: the record's position divided by 8
 * </pre>
 *
 * <p>A bucket at level L holds the keys whose hashes agree in the low L bits; the tag holds the next bits, L upwards.
 * When the bucket splits, the lowest tag bit says which half a slot goes to, and the tag shifts down by one: the marker
 * moves with it and shows how many hash bits are left. So the directory grows without reading a single record, which
 * matters when the records are not in memory. A slot only ever needs its record again after {@value #TAG_BITS} splits,
 * when the marker is all that is left.
 */
final class Slot {

    static final long EMPTY = 0;
    static final int TAG_BITS = 12;

    private static final int LOCATION_BITS = 50;
    private static final long LOCATION_MASK = (1L << LOCATION_BITS) - 1;
    private static final long TAG_MASK = (1L << LOCATION_BITS + TAG_BITS) - 1 & ~LOCATION_MASK;
    private static final long MARKER = 1L << LOCATION_BITS + TAG_BITS;
    private static final long LINK = Long.MIN_VALUE;
    private static final long LINK_TAG = LINK | MARKER | TAG_MASK;
    private static final int POSITION_SHIFT = 3;

    private Slot() {}

    static long of(long hash, int level, long position) {
        return MARKER | wanted(hash, level) | position >>> POSITION_SHIFT;
    }

    static long link(int overflowBucket) {
        return LINK_TAG | overflowBucket;
    }

    static boolean isLink(long slot) {
        return slot < 0;
    }

    static int linked(long slot) {
        return (int) (slot & LOCATION_MASK);
    }

    static long position(long slot) {
        return (slot & LOCATION_MASK) << POSITION_SHIFT;
    }

    static long withPosition(long slot, long position) {
        return slot & ~LOCATION_MASK | position >>> POSITION_SHIFT;
    }

    /** The tag bits that a key has at a level, where they stand in a slot. */
    static long wanted(long hash, int level) {
        return hash >>> level << LOCATION_BITS & TAG_MASK;
    }

    /**
     * 1 if a slot may stand for a key with these tag bits, else 0, without a branch. Compares the bits below the marker.
     * A link never matches; an empty slot may, where all wanted bits are zero.
     */
    static int mayMatch(long slot, long wanted) {
        long known = Long.MAX_VALUE >>> Long.numberOfLeadingZeros(slot) & (TAG_MASK | MARKER);
        long difference = (slot ^ wanted) & known;
        return (int) (difference - 1 >>> Long.SIZE - 1);
    }

    /** Whether the next hash bit is still in the slot. */
    static boolean canSplit(long slot) {
        return slot >>> LOCATION_BITS > 1;
    }

    /** The next hash bit: which half the slot goes to. */
    static boolean goesUp(long slot) {
        return (slot >>> LOCATION_BITS & 1) != 0;
    }

    /** The slot one level on. */
    static long split(long slot) {
        return slot >>> LOCATION_BITS + 1 << LOCATION_BITS | slot & LOCATION_MASK;
    }
}
