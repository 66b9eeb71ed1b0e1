package dev.penstock.store.internal.recovery;

import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Determines from the files of a log how far it must reach, so that a missing or truncated file is noticed.
 *
 * <p><b>Between the ends</b> the segments are numbered without gaps, except those that a RETIRED record names. <b>At
 * the beginning</b> the header of each says which was the first when it was made; a file before that is left of a
 * deletion that failed, and does not count. <b>At the end</b> a sealed segment
 * names the next one, whose name and header were durable before. A segment that was not sealed has its allocated
 * length, which was durable before anything was stored in it, unless the log was closed, and the log records that.
 *
 * <p>None of this costs an additional force, and all of it survives a power cut. One thread.
 */
public final class LogExtent {

    private final SegmentSet segments;
    private final long salt;

    /** @param salt the store's */
    public LogExtent(SegmentSet segments, long salt) {
        this.segments = segments;
        this.salt = salt;
    }

    /**
     * Returns the number of the segment that the log began with when a segment was made; empty if no header says it. If
     * that segment has lost its header, the nearest earlier one says the same or names an earlier segment.
     *
     * @param headers those that are sound, by the number of their segment
     * @param segment number of the segment
     */
    public static OptionalLong begin(NavigableMap<Long, SegmentHeader> headers, long segment) {
        Map.Entry<Long, SegmentHeader> header = headers.floorEntry(segment);
        return header == null
                ? OptionalLong.empty()
                : OptionalLong.of(header.getValue().firstSegment());
    }

    /**
     * Returns the number of a segment that is neither there nor retired; empty if there is none.
     *
     * @param log the segments from the first one that is looked at to the last one
     * @param first the number that the log must begin with
     */
    public static OptionalLong missing(List<Segment> log, Set<Long> retired, long first) {
        long expected = first;
        for (Segment segment : log) {
            for (; expected < segment.number(); expected++) {
                if (!retired.contains(expected)) {
                    return OptionalLong.of(expected);
                }
            }
            expected = Math.max(expected, segment.number() + 1);
        }
        return OptionalLong.empty();
    }

    /**
     * Whether a segment holds nothing current, although its file is there: the log says so, or begins behind it. Its
     * RETIRED record is kept only until the log begins behind it, and tombstones of its keys may be gone by then.
     *
     * @param retired those that a record of the log names
     * @param first the number that the log begins with, as the header of its last segment says
     */
    public static boolean isRetired(Segment segment, Set<Long> retired, long first) {
        return segment.number() < first || retired.contains(segment.number());
    }

    /** Whether the record that ends at an offset says that the log was closed there. */
    public boolean isClosedAt(Segment segment, long offset) {
        long start = offset - RecordLayout.BARE_LENGTH;
        MemorySegment memory = segment.memory();
        int closed = RecordLayout.commitWord(RecordLayout.CLOSED, 0);
        if (start < SegmentHeader.LENGTH
                || offset > memory.byteSize()
                || offset % RecordLayout.RECORD_ALIGNMENT != 0
                || RecordLayout.commitWord(memory, start) != closed) {
            return false;
        }
        RecordHeader header = new RecordHeader();
        header.load(memory, start, closed);
        return header.isSound(Checksum.salt(salt, segments.position(segment.number(), start)));
    }

    /**
     * Returns how long the file of a segment must be that was neither sealed nor closed, in bytes.
     *
     * @param fileLength what its header says
     */
    public long leastLength(Segment segment, long fileLength) {
        long length = fileLength;
        if (segment.memory().byteSize() < length) {
            // There may not have been room for as much again when it was last opened.
            RecordScanner records = new RecordScanner(
                    segment.memory(),
                    segments.position(segment.number(), 0),
                    salt,
                    SegmentHeader.LENGTH,
                    segment.memory().byteSize());
            while (records.next()) {
                if (records.header().kind() == RecordLayout.OPENED) {
                    length = records.header().valueLength();
                }
            }
        }
        return length;
    }
}
