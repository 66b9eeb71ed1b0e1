package dev.penstock.tools.bench.load;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * Latencies of one worker by kind, in nanoseconds. The worker records; another thread may take the latencies recorded
 * so far.
 */
final class LatencyRecorder {

    /** What takes longer counts as an hour. */
    static final long MAX_NANOS = 3_600_000_000_000L;

    private static final long UNIT_NANOS = 1_000;
    private static final int DIGITS = 3;

    private final Map<RequestKind, SingleWriterRecorder> recorders = new EnumMap<>(RequestKind.class);
    private final Map<RequestKind, Histogram> taken = new EnumMap<>(RequestKind.class);

    LatencyRecorder() {
        for (RequestKind kind : RequestKind.values()) {
            recorders.put(kind, new SingleWriterRecorder(UNIT_NANOS, MAX_NANOS, DIGITS));
        }
    }

    static Histogram histogram() {
        return new Histogram(UNIT_NANOS, MAX_NANOS, DIGITS);
    }

    void record(RequestKind kind, long nanos, long count) {
        Objects.requireNonNull(recorders.get(kind)).recordValueWithCount(Math.clamp(nanos, 0, MAX_NANOS), count);
    }

    /** Adds what was recorded since the last call to the histograms. Not by several threads at once. */
    void drainTo(Map<RequestKind, Histogram> target) {
        recorders.forEach((kind, recorder) -> {
            Histogram interval = recorder.getIntervalHistogram(taken.get(kind));
            taken.put(kind, interval);
            if (interval.getTotalCount() > 0) {
                target.computeIfAbsent(kind, _ -> histogram()).add(interval);
            }
        });
    }
}
