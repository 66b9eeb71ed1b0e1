package dev.penstock.store.internal.segment;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All segments of a store, and the way from a position to its segment.
 *
 * <p>A position is one number for the whole store: {@code position >>> segmentShift} is the segment's number, which is
 * its place in an array. No map, no lock. A large value takes as many numbers as it covers, so that numbers and
 * positions only grow.
 *
 * <p>Any reader; {@link #add} and {@link #remove} exclude each other. A reader that holds a location of the key directory
 * sees the array that the location was published after.
 */
public final class SegmentSet {

    private static final int INITIAL_CAPACITY = 16;

    private final int segmentShift;
    private final long offsetMask;
    private volatile Segment[] byNumber = new Segment[INITIAL_CAPACITY];
    private final Map<Long, LargeSegment> largeByNumber = new ConcurrentHashMap<>();

    public SegmentSet(int segmentShift) {
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

    public long number(long position) {
        return position >>> segmentShift;
    }

    public long offset(long position) {
        return position & offsetMask;
    }

    /** The segment of a position of the log; null if there is none, or once it is retired. */
    public Segment segment(long position) {
        Segment[] segments = byNumber;
        // A position that damage has made too large for this finds another segment, and no record of its key there.
        int number = (int) (position >>> segmentShift);
        return number >= 0 && number < segments.length ? segments[number] : null;
    }

    /** The segment of a large value by number; null once it is retired. */
    public LargeSegment large(long number) {
        return largeByNumber.get(number);
    }

    public synchronized void add(Segment segment) {
        int index = Math.toIntExact(segment.number());
        Segment[] segments = byNumber;
        if (index >= segments.length) {
            segments = Arrays.copyOf(segments, Math.max(index + 1, segments.length * 2));
        } else {
            segments = segments.clone();
        }
        segments[index] = segment;
        byNumber = segments;
    }

    public synchronized void remove(Segment segment) {
        Segment[] segments = byNumber.clone();
        segments[Math.toIntExact(segment.number())] = null;
        byNumber = segments;
    }

    public void add(LargeSegment segment) {
        largeByNumber.put(segment.number(), segment);
    }

    /** Whether it was still there. */
    public boolean remove(LargeSegment segment) {
        return largeByNumber.remove(segment.number(), segment);
    }

    /** The segments of the log, in log order. */
    public List<Segment> logSegments() {
        List<Segment> segments = new ArrayList<>();
        for (Segment segment : byNumber) {
            if (segment != null) {
                segments.add(segment);
            }
        }
        return segments;
    }

    /** Number of the newest segment of the log; -1 if there is none. */
    public long newestNumber() {
        Segment[] segments = byNumber;
        int number = segments.length - 1;
        while (number >= 0 && segments[number] == null) {
            number--;
        }
        return number;
    }

    /** Bytes of the files of all segments. */
    public long fileBytes() throws IOException {
        long bytes = 0;
        for (Segment segment : logSegments()) {
            bytes += segment.file().size();
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
