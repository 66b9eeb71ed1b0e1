package dev.penstock.store.internal.checkpoint;

import dev.penstock.store.internal.checkpoint.CheckpointState.SegmentState;
import dev.penstock.store.internal.index.AppliedMark;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Collects the counts of each segment while the stripes are copied one after the other. A segment that compaction
 * empties meanwhile stays in it: a stripe copied before may point into the segment.
 */
final class SegmentTally {

    private final SegmentSet segments;
    private final TreeMap<Long, SegmentState> states = new TreeMap<>();
    private @Nullable AppliedMark mark;

    SegmentTally(SegmentSet segments) {
        this.segments = segments;
    }

    /** Notes the counts of a stripe, under its lock. */
    void add(int stripe) {
        for (Segment segment : segments.logSegments()) {
            long[] liveBytes = state(segment).liveBytes();
            liveBytes[stripe] = segment.liveBytes().get(stripe);
        }
    }

    /** Notes the store's mark, under the lock of its stripe. */
    void mark(@Nullable AppliedMark current) {
        mark = current;
    }

    @Nullable
    AppliedMark currentMark() {
        return mark;
    }

    private SegmentState state(Segment segment) {
        SegmentState known = states.get(segment.number());
        long[] liveBytes = known == null ? new long[KeyDirectory.STRIPE_COUNT] : known.liveBytes();
        SegmentState state =
                new SegmentState(segment.number(), segment.usedLength(), segment.earliestExpiryAnyway(), liveBytes);
        states.put(segment.number(), state);
        return state;
    }

    /** All segments up to a number, those sealed by now with their final length. */
    List<SegmentState> upTo(long number) {
        segments.logSegments().forEach(this::state);
        return List.copyOf(states.headMap(number, true).values());
    }
}
