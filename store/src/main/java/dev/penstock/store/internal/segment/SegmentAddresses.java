package dev.penstock.store.internal.segment;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of the log's segments in memory that can always be read, for reads by address.
 *
 * <p><b>From a position to an address</b> in one load: a table by the low bits of the segment's number. An entry is the
 * address of the last byte that is mapped, so that it says where the segment begins, which is at a multiple of its
 * size, and how much of it the file has. It does not contain the number, so it must denote a single segment to every
 * holder of a lease. It does: a segment is entered before a record in it is current, and removed when no reader can
 * have its position any more, just before its memory is released. Of two mappings of one segment the table has only the
 * later one, because the other one is about to be retired. If two segments share an entry, the entry is empty, as it is
 * for a missing segment; readers then use {@link SegmentSet}.
 *
 * <p><b>From an address to its segment</b>, for the few callers that also need the file.
 *
 * <p>Any thread reads, without a lock.
 */
public final class SegmentAddresses {

    /** The entry for what must be looked up in another way. */
    public static final long UNKNOWN = 0;

    private static final int FIRST_ENTRIES = 16;
    private static final int MOST_ENTRIES = 1 << 16;

    private static final VarHandle TABLE;
    private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(long[].class);

    static {
        try {
            TABLE = MethodHandles.lookup().findVarHandle(SegmentAddresses.class, "table", long[].class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int segmentShift;
    private final long offsetMask;
    private long[] table = new long[FIRST_ENTRIES];
    private volatile Places places;
    /** What the table is made of: of each number the segment that was entered last. Guarded by this. */
    @GuardedBy("this")
    private final Map<Long, Segment> latest = new HashMap<>();

    /**
     * The segments by their addresses: two arrays with open addressing, at most half full, that never change once they
     * are published. Segments that lie side by side have entries side by side, so the first look nearly always hits.
     */
    private static final class Places {

        private final int shift;
        private final int mask;
        /** Where the segments begin; 0 where there is none. */
        private final long[] begins;

        private final @Nullable Segment[] segments;

        Places(int shift, Collection<Segment> all) {
            this.shift = shift;
            int capacity = Math.max(FIRST_ENTRIES, Integer.highestOneBit(all.size()) << 2);
            mask = capacity - 1;
            begins = new long[capacity];
            segments = new Segment[capacity];
            for (Segment segment : all) {
                int entry = entry(addressOf(segment));
                while (begins[entry] != 0) {
                    entry = entry + 1 & mask;
                }
                begins[entry] = addressOf(segment);
                segments[entry] = segment;
            }
        }

        private int entry(long begin) {
            return (int) (begin >>> shift) & mask;
        }

        @Nullable
        Segment find(long begin) {
            int entry = entry(begin);
            while (begins[entry] != begin) {
                if (begins[entry] == 0) {
                    return null;
                }
                entry = entry + 1 & mask;
            }
            return segments[entry];
        }

        private Set<Segment> all() {
            Set<Segment> all = new HashSet<>();
            for (Segment segment : segments) {
                if (segment != null) {
                    all.add(segment);
                }
            }
            return all;
        }

        Places with(List<Segment> added) {
            Set<Segment> more = all();
            more.addAll(added);
            return new Places(shift, more);
        }

        Places without(Segment segment) {
            Set<Segment> others = all();
            others.remove(segment);
            return new Places(shift, others);
        }
    }

    SegmentAddresses(int segmentShift) {
        this.segmentShift = segmentShift;
        this.offsetMask = (1L << segmentShift) - 1;
        this.places = new Places(segmentShift, List.of());
    }

    private static long addressOf(Segment segment) {
        return segment.memory().address();
    }

    private static long lastOf(Segment segment) {
        return addressOf(segment) + segment.memory().byteSize() - 1;
    }

    /** Enters a segment. It replaces an earlier mapping of the same number for all later lookups. */
    synchronized void add(Segment segment) {
        places = places.with(List.of(segment));
        latest.put(segment.number(), segment);
        int index = index(table, segment.number());
        if (onlyOf(index, segment.number())) {
            ENTRY.setRelease(table, index, lastOf(segment));
        } else {
            rebuild();
        }
    }

    /** Enters several segments at the cost of one. */
    synchronized void addAll(List<Segment> segments) {
        places = places.with(segments);
        for (Segment segment : segments) {
            latest.put(segment.number(), segment);
        }
        rebuild();
    }

    /** Has nobody find the segment of a number from now on: another one takes its place that has no address. */
    synchronized void hide(long number) {
        @Nullable Segment segment = latest.get(number);
        if (segment != null) {
            removeFromTable(segment);
        }
    }

    /** Takes out a segment that no reader can have found, or whose store is closed. */
    synchronized void remove(Segment segment) {
        if (places.find(addressOf(segment)) == segment) {
            places = places.without(segment);
            removeFromTable(segment);
        }
    }

    @GuardedBy("this")
    private void removeFromTable(Segment segment) {
        if (latest.remove(segment.number(), segment)) {
            if ((long) ENTRY.getOpaque(table, index(table, segment.number())) == lastOf(segment)) {
                ENTRY.setRelease(table, index(table, segment.number()), UNKNOWN);
            } else {
                rebuild();
            }
        }
    }

    /** Whether all segments that belong to an entry have the number. */
    @GuardedBy("this")
    private boolean onlyOf(int index, long number) {
        for (Segment segment : latest.values()) {
            if (index(table, segment.number()) == index && segment.number() != number) {
                return false;
            }
        }
        return true;
    }

    /** Makes the smallest table in which no two numbers meet, or the largest there may be. */
    @GuardedBy("this")
    private void rebuild() {
        long[] entries = new long[FIRST_ENTRIES];
        while (!fill(entries) && entries.length < MOST_ENTRIES) {
            entries = new long[entries.length << 1];
        }
        TABLE.setRelease(this, entries);
    }

    /** Fills a table; whether no two numbers met. */
    @GuardedBy("this")
    private boolean fill(long[] entries) {
        boolean[] taken = new boolean[entries.length];
        boolean alone = true;
        for (Segment segment : latest.values()) {
            int index = index(entries, segment.number());
            entries[index] = taken[index] ? UNKNOWN : lastOf(segment);
            alone &= !taken[index];
            taken[index] = true;
        }
        return alone;
    }

    private static int index(long[] entries, long number) {
        return (int) number & entries.length - 1;
    }

    /** The table of this moment: what is read after it is not older. */
    public long[] table() {
        return (long[]) TABLE.getAcquire(this);
    }

    /**
     * The address of the record at a position, or {@link #UNKNOWN}. The caller holds a lease, and has found the
     * position in the key directory since it began, and before it took the table.
     */
    public long address(long[] tableNow, long position) {
        long last = last(tableNow, position);
        return last == UNKNOWN ? UNKNOWN : address(last, position);
    }

    /**
     * The address of the last byte that is mapped of the segment of a position, or {@link #UNKNOWN}. The position was
     * found in the key directory before the call, and the caller holds a lease since before it looked.
     */
    public long last(long position) {
        VarHandle.loadLoadFence(); // the table is not older than the position
        return last(table(), position);
    }

    private long last(long[] tableNow, long position) {
        return tableNow[(int) (position >>> segmentShift) & tableNow.length - 1];
    }

    /**
     * The address of the record at a position. It may lie behind the last byte that is mapped, and can be read anyway.
     *
     * @param last of its segment
     */
    public long address(long last, long position) {
        return last ^ (last ^ position) & offsetMask;
    }

    /** The segment that lies at the address of a record; null if that is closed. */
    public @Nullable Segment segment(long address) {
        return places.find(address & ~offsetMask);
    }

    /** The offset in its segment of what lies at an address or position. */
    public long offset(long address) {
        return address & offsetMask;
    }
}
