package dev.penstock.store.check;

import java.util.List;

/**
 * One segment of the log.
 *
 * @param summary file, sizes and counts
 * @param headerSound whether its header is sound; if not, the next two numbers are 0
 * @param firstSegment number of the segment that the log began with when this one was made
 * @param durablePosition all of the log below was on the device then
 * @param firstSequence least sequence of a record in it; 0 if there is none
 * @param lastSequence greatest sequence of a record in it
 * @param kinds count and bytes of each kind of record that is in it
 * @param gapCount stretches without a sound record where one was
 * @param map what is where
 */
public record SegmentDetails(
        SegmentSummary summary,
        boolean headerSound,
        long firstSegment,
        long durablePosition,
        long firstSequence,
        long lastSequence,
        List<KindCount> kinds,
        long gapCount,
        SegmentMap map) {

    /**
     * Records of a kind.
     *
     * @param kind the kind
     * @param count how many there are
     * @param bytes their bytes
     */
    public record KindCount(RecordKind kind, long count, long bytes) {}

    /** Copies the list. */
    public SegmentDetails {
        kinds = List.copyOf(kinds);
    }
}
