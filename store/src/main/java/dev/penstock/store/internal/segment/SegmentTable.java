package dev.penstock.store.internal.segment;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * A table of segments by number: an array with open addressing that never changes once it is published. Numbers in
 * sequence, which is what a log has but for the gaps that compaction leaves, lie side by side, so the first look nearly
 * always hits. Its size depends on how many segments there are, never on their numbers.
 *
 * <p>Any thread may read a table that was published safely.
 */
public final class SegmentTable {

    /** The result of {@link #slot} for a number that is not in the table. */
    public static final int NONE = -1;

    private static final int MIN_CAPACITY = 4;

    private SegmentTable() {}

    /** Makes a table that is at most half full, so that every search ends. */
    public static Segment[] of(Collection<Segment> segments) {
        int capacity = Math.max(MIN_CAPACITY, Integer.highestOneBit(segments.size()) << 2);
        Segment[] table = new Segment[capacity];
        for (Segment segment : segments) {
            int slot = (int) segment.number() & capacity - 1;
            while (table[slot] != null) {
                slot = slot + 1 & capacity - 1;
            }
            table[slot] = segment;
        }
        return table;
    }

    /** Returns the segment with a number, or null if it is not in the table. */
    static @Nullable Segment find(Segment[] table, long number) {
        int mask = table.length - 1;
        int slot = (int) number & mask;
        Segment segment = table[slot];
        while (segment != null && segment.number() != number) {
            slot = slot + 1 & mask;
            segment = table[slot];
        }
        return segment;
    }

    /** Returns the place in the table of the segment with a number, or {@link #NONE} if it is not in the table. */
    public static int slot(Segment[] table, long number) {
        int mask = table.length - 1;
        int slot = (int) number & mask;
        while (table[slot] != null && table[slot].number() != number) {
            slot = slot + 1 & mask;
        }
        return table[slot] == null ? NONE : slot;
    }
}
