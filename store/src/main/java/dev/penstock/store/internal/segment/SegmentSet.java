package dev.penstock.store.internal.segment;

import dev.penstock.store.internal.format.Checksum;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * All segments of a store; finds the segment of a position.
 *
 * <p>A position is one number for the whole store: {@code position >>> segmentShift} is the segment's number, which the
 * {@link SegmentTable} finds with one look, without a lock. Memory and the cost of every call depend on the number of
 * segments, never on how high their numbers are.
 *
 * <p>Any reader; {@link #add} and {@link #remove} exclude each other. A reader that holds a location of the key
 * directory sees the table that the location was published after.
 */
public final class SegmentSet {

    private final @Nullable SegmentAddresses addresses;
    private final int segmentShift;
    private final long offsetMask;
    private volatile Segment[] byNumber = SegmentTable.of(List.of());
    /** The same segments in ascending order of their numbers; never changed, only replaced. */
    private volatile List<Segment> inOrder = List.of();

    private final Map<Long, LargeSegment> largeByNumber = new ConcurrentHashMap<>();

    /** Of segments that nobody reads by their addresses. */
    public SegmentSet(int segmentShift) {
        this(segmentShift, null);
    }

    /**
     * Of a store's segments.
     *
     * @param addresses where readers find a segment from when it is added until it is closed. No other segment belongs
     *     there: one that is closed without a grace period must not be found.
     */
    public SegmentSet(int segmentShift, @Nullable SegmentAddresses addresses) {
        this.addresses = addresses;
        this.segmentShift = segmentShift;
        this.offsetMask = (1L << segmentShift) - 1;
    }

    public int segmentShift() {
        return segmentShift;
    }

    public long segmentSize() {
        return offsetMask + 1;
    }

    public long position(long segmentNumber, long offset) {
        return segmentNumber << segmentShift | offset;
    }

    /** Returns what the checksums of the record at an offset are salted with. */
    public long place(RecordFile source, long offset) {
        return source instanceof LargeSegment
                ? Checksum.placeOfValue(source.number())
                : position(source.number(), offset);
    }

    public long number(long position) {
        return position >>> segmentShift;
    }

    public long offset(long position) {
        return position & offsetMask;
    }

    /** The segment of a position of the log; null if there is none, or once it is retired. */
    public @Nullable Segment segment(long position) {
        return SegmentTable.find(byNumber, position >>> segmentShift);
    }

    /** The segment of a large value by number; null once it is retired. */
    public @Nullable LargeSegment large(long number) {
        return largeByNumber.get(number);
    }

    /**
     * Returns the segment of a position that is in the log for as long as the caller looks at it, as a current record
     * is under the lock of its stripe.
     *
     * @throws IllegalStateException if there is none
     */
    public Segment requireSegment(long position) {
        Segment segment = segment(position);
        if (segment == null) {
            throw new IllegalStateException("position " + position + " is in no segment");
        }
        return segment;
    }

    /**
     * Returns the segment of a large value that is not retired for as long as the caller looks at it.
     *
     * @throws IllegalStateException if there is none
     */
    public LargeSegment requireLarge(long number) {
        LargeSegment large = large(number);
        if (large == null) {
            throw new IllegalStateException("there is no large value " + number);
        }
        return large;
    }

    /** Adds a segment, in place of the one that has its number if there is one. */
    public synchronized void add(Segment segment) {
        List<Segment> segments = new ArrayList<>(inOrder.size() + 1);
        segments.addAll(inOrder);
        int index = index(segments, segment.number());
        if (index < segments.size() && segments.get(index).number() == segment.number()) {
            segments.set(index, segment);
        } else {
            segments.add(index, segment);
        }
        if (addresses != null) {
            if (segment.isReadableAlways()) {
                addresses.add(segment);
            } else {
                addresses.hide(segment.number());
            }
        }
        publish(segments);
    }

    /** Adds segments, in log order, each in place of the one that has its number if there is one. */
    public synchronized void addAll(List<Segment> others) {
        List<Segment> segments = new ArrayList<>(inOrder.size() + others.size());
        Iterator<Segment> mine = inOrder.iterator();
        Segment next = mine.hasNext() ? mine.next() : null;
        for (Segment other : others) {
            for (; next != null && next.number() <= other.number(); next = mine.hasNext() ? mine.next() : null) {
                if (next.number() < other.number()) {
                    segments.add(next);
                }
            }
            segments.add(other);
        }
        for (; next != null; next = mine.hasNext() ? mine.next() : null) {
            segments.add(next);
        }
        if (addresses != null) {
            enter(others, addresses);
        }
        publish(segments);
    }

    private static void enter(List<Segment> segments, SegmentAddresses addresses) {
        List<Segment> readable = new ArrayList<>(segments.size());
        for (Segment segment : segments) {
            if (segment.isReadableAlways()) {
                readable.add(segment);
            } else {
                addresses.hide(segment.number());
            }
        }
        addresses.addAll(readable);
    }

    /** Removes whatever segment has the number of this one. */
    public synchronized void remove(Segment segment) {
        List<Segment> segments = new ArrayList<>(inOrder);
        segments.removeIf(known -> known.number() == segment.number());
        publish(segments);
    }

    private void publish(List<Segment> segments) {
        byNumber = SegmentTable.of(segments);
        inOrder = Collections.unmodifiableList(segments);
    }

    /** Returns how many of the segments, which are in order, have lower numbers than this. */
    private static int index(List<Segment> segments, long number) {
        int low = 0;
        int high = segments.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (segments.get(middle).number() < number) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    public void add(LargeSegment segment) {
        largeByNumber.put(segment.number(), segment);
    }

    /** Whether it was still there. */
    public boolean remove(LargeSegment segment) {
        return largeByNumber.remove(segment.number(), segment);
    }

    /** Returns the segments of the log, in log order, as they are now. */
    public List<Segment> logSegments() {
        return inOrder;
    }

    /** Returns the segments of the log from one number to another, both included, in log order. */
    public List<Segment> logSegments(long first, long last) {
        List<Segment> segments = inOrder;
        return segments.subList(index(segments, first), index(segments, last + 1));
    }

    /** Returns the number of the oldest segment of the log; -1 if there is none. */
    public long oldestNumber() {
        List<Segment> segments = inOrder;
        return segments.isEmpty() ? -1 : segments.getFirst().number();
    }

    /** Number of the newest segment of the log; -1 if there is none. */
    public long newestNumber() {
        List<Segment> segments = inOrder;
        return segments.isEmpty() ? -1 : segments.getLast().number();
    }

    /** Bytes of the files of all segments. */
    public long fileBytes() throws IOException {
        long bytes = 0;
        for (Segment segment : logSegments()) {
            bytes += segment.lengthOnDisk();
        }
        for (LargeSegment segment : largeSegments()) {
            bytes += segment.fileLength();
        }
        return bytes;
    }

    /** Bytes of all records, dead ones included. */
    public long usedBytes() {
        long bytes = 0;
        for (Segment segment : logSegments()) {
            bytes += segment.usedLength();
        }
        for (LargeSegment segment : largeSegments()) {
            bytes += segment.fileLength();
        }
        return bytes;
    }

    /** Bytes of current records, large values included. */
    public long liveBytes() {
        long bytes = 0;
        for (Segment segment : logSegments()) {
            bytes += segment.liveBytes().sum();
        }
        for (LargeSegment segment : largeSegments()) {
            bytes += segment.fileLength();
        }
        return bytes;
    }

    public Collection<LargeSegment> largeSegments() {
        return largeByNumber.values();
    }
}
