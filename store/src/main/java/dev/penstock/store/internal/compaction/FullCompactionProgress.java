package dev.penstock.store.internal.compaction;

import dev.penstock.store.ProgressListener;
import dev.penstock.store.internal.io.CallersCode;
import dev.penstock.store.internal.segment.Segment;

/** Progress of a full compaction, in bytes of the segments that it empties. One thread. */
final class FullCompactionProgress {

    /** The last part of the way. */
    private static final int LAST_FRACTION = 8;

    private final ProgressListener listener;
    private final long total;
    private long done;

    FullCompactionProgress(ProgressListener listener, long total) {
        this.listener = listener;
        this.total = total;
    }

    /** A segment is emptied. */
    void add(Segment segment) {
        done += segment.usedLength();
        CallersCode.report(listener, done, total);
    }

    boolean isNearlyComplete() {
        return total - done <= total / LAST_FRACTION;
    }
}
