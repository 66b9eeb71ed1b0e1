package dev.penstock.bench.scale;

import java.lang.management.ManagementFactory;
import org.HdrHistogram.Histogram;

/**
 * How long single operations took, every one of them, and which took longest. The garbage collections meanwhile are
 * counted, because the operations they stopped are in it. Not thread-safe.
 */
final class OperationLatencies {

    private static final long HIGHEST_NANOS = 60_000_000_000L;
    private static final int LONGEST_COUNT = 5;

    private final String operation;
    private final Histogram histogram = new Histogram(HIGHEST_NANOS, 3);
    private final long[] longest = new long[LONGEST_COUNT];
    private final long[] longestAt = new long[LONGEST_COUNT];
    private final long collectionMillisBefore = collectionMillis();

    OperationLatencies(String operation) {
        this.operation = operation;
    }

    /**
     * What a run prints, one line of it.
     *
     * @param over1ms how many operations took longer than a millisecond
     * @param longest the operations that took longest: number of operations before it, and how long
     * @param collectionMillis time in garbage collections meanwhile
     */
    record Summary(
            String operation,
            long count,
            double p50Micros,
            double p99Micros,
            double p999Micros,
            double p9999Micros,
            double maxMicros,
            long over1ms,
            String longest,
            long collectionMillis) {}

    private static long collectionMillis() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(collector -> collector.getCollectionTime())
                .sum();
    }

    /** An operation that has just ended. */
    void record(long nanos) {
        histogram.recordValue(Math.min(nanos, HIGHEST_NANOS));
        if (nanos > longest[0]) {
            keep(nanos);
        }
    }

    /** The shortest of the longest is at index 0 and makes space. */
    private void keep(long nanos) {
        int at = 0;
        while (at + 1 < LONGEST_COUNT && longest[at + 1] < nanos) {
            longest[at] = longest[at + 1];
            longestAt[at] = longestAt[at + 1];
            at++;
        }
        longest[at] = nanos;
        longestAt[at] = histogram.getTotalCount() - 1;
    }

    Summary summary() {
        StringBuilder text = new StringBuilder();
        for (int i = LONGEST_COUNT - 1; i >= 0 && longest[i] > 0; i--) {
            text.append("%s%.2f ms at %,d".formatted(text.isEmpty() ? "" : "; ", longest[i] / 1e6, longestAt[i]));
        }
        return new Summary(
                operation,
                histogram.getTotalCount(),
                micros(50),
                micros(99),
                micros(99.9),
                micros(99.99),
                histogram.getMaxValue() / 1e3,
                histogram.getTotalCount() - histogram.getCountBetweenValues(0, 1_000_000),
                text.isEmpty() ? "-" : text.toString(),
                collectionMillis() - collectionMillisBefore);
    }

    private double micros(double percentile) {
        return histogram.getValueAtPercentile(percentile) / 1e3;
    }
}
