package dev.penstock.store.internal.segment;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of the log's segments in memory that can always be read, for reads by address.
 *
 * <p><b>From a position to an address</b> in one load: a table by the low bits of the segment's number. An entry does
 * not contain the number, so it must denote a single segment to every holder of a lease. It does: a segment is entered
 * before a record in it is current, and removed when no reader can have its position any more, just before its memory
 * is released. Of two mappings of one segment the table has only the later one, because the other one is about to be
 * retired. If two segments share an entry, the entry is empty, as it is for a missing segment; readers then use {@link
 * SegmentSet}.
 *
 * <p><b>From an address to its segment</b>, for the few callers that also need the file. A segment begins at a multiple
 * of its size.
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
    private volatile Places places = new Places(new long[0], new Segment[0]);
    /** What the table is made of: of each number the segment that was entered last. Guarded by this. */
    @GuardedBy("this")
    private final Map<Long, Segment> latest = new HashMap<>();

    /** Segments in ascending order of their addresses; never changed, only replaced. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Places(long[] addresses, Segment[] segments) {

        Places with(Segment segment) {
            int index = -Arrays.binarySearch(addresses, addressOf(segment)) - 1;
            long[] longer = Arrays.copyOf(addresses, addresses.length + 1);
            Segment[] more = Arrays.copyOf(segments, segments.length + 1);
            System.arraycopy(addresses, index, longer, index + 1, addresses.length - index);
            System.arraycopy(segments, index, more, index + 1, segments.length - index);
            longer[index] = addressOf(segment);
            more[index] = segment;
            return new Places(longer, more);
        }

        Places without(int index) {
            long[] shorter = Arrays.copyOf(addresses, addresses.length - 1);
            Segment[] fewer = Arrays.copyOf(segments, segments.length - 1);
            System.arraycopy(addresses, index + 1, shorter, index, shorter.length - index);
            System.arraycopy(segments, index + 1, fewer, index, fewer.length - index);
            return new Places(shorter, fewer);
        }
    }

    SegmentAddresses(int segmentShift) {
        this.segmentShift = segmentShift;
        this.offsetMask = (1L << segmentShift) - 1;
    }

    private static long addressOf(Segment segment) {
        return segment.memory().address();
    }

    /** Enters a segment. It replaces an earlier mapping of the same number for all later lookups. */
    synchronized void add(Segment segment) {
        places = places.with(segment);
        latest.put(segment.number(), segment);
        int index = index(table, segment.number());
        if (onlyOf(index, segment.number())) {
            ENTRY.setRelease(table, index, addressOf(segment));
        } else {
            rebuild();
        }
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
        int place = Arrays.binarySearch(places.addresses, addressOf(segment));
        if (place >= 0 && places.segments[place] == segment) {
            places = places.without(place);
            removeFromTable(segment);
        }
    }

    @GuardedBy("this")
    private void removeFromTable(Segment segment) {
        if (latest.remove(segment.number(), segment)) {
            if ((long) ENTRY.getOpaque(table, index(table, segment.number())) == addressOf(segment)) {
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
            entries[index] = taken[index] ? UNKNOWN : addressOf(segment);
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
        long begin = tableNow[(int) (position >>> segmentShift) & tableNow.length - 1];
        return begin == UNKNOWN ? UNKNOWN : begin | position & offsetMask;
    }

    /** The segment that lies at the address of a record; null if that is closed. */
    public @Nullable Segment segment(long address) {
        Places now = places;
        int place = Arrays.binarySearch(now.addresses, address & ~offsetMask);
        return place < 0 ? null : now.segments[place];
    }

    /** The offset in its segment of what lies at an address. */
    public long offset(long address) {
        return address & offsetMask;
    }

    /** Bytes from an address to the end of its segment, however short the file is; all of them can be read. */
    public long room(long address) {
        return offsetMask + 1 - (address & offsetMask);
    }
}
