package dev.penstock.store.internal.checkpoint;

import dev.penstock.store.internal.index.AppliedMark;
import dev.penstock.store.internal.index.StripeShape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The content of a checkpoint, except the buckets of the key directory.
 *
 * @param segments the segments of the log that the image points into
 * @param references the large values that are current, and perhaps some that no longer are
 * @param stripes the stripes of the key directory
 * @param mark the store's mark when its stripe was copied; null if it had none
 */
public record CheckpointState(
        List<SegmentState> segments,
        List<ReferenceState> references,
        List<StripeState> stripes,
        @Nullable AppliedMark mark) {

    /**
     * A segment of the log.
     *
     * @param usedLength the end of its last record, if it was sealed
     * @param earliestExpiry before when, in milliseconds of the epoch, none of its current records expires
     * @param liveBytes how many of its bytes are current, for each stripe
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record SegmentState(long number, long usedLength, long earliestExpiry, long[] liveBytes) {}

    /** A large value: the number of its segment and the position of the record that refers to it. */
    public record ReferenceState(long number, long position) {}

    /**
     * A stripe of the key directory.
     *
     * @param replayFrom every record of the stripe's keys below this position is in the image, and none above
     */
    public record StripeState(long replayFrom, StripeShape shape) {}

    public CheckpointState {
        segments = List.copyOf(segments);
        references = List.copyOf(references);
        stripes = List.copyOf(stripes);
    }

    /** Where the replay of the log begins. */
    public long replayFrom() {
        long least = Long.MAX_VALUE;
        for (StripeState stripe : stripes) {
            least = Math.min(least, stripe.replayFrom());
        }
        return least;
    }
}
