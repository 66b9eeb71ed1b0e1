package dev.penstock.server.metrics;

import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Durations of commands, counted in buckets whose bounds double. One thread counts, any thread may read; a reader may
 * see a slightly older count.
 */
public final class LatencyHistogram {

    /** Bucket {@code i} counts what took at most {@code 2^i} microseconds, the last one all that took longer. */
    public static final int BUCKETS = 24;

    private static final int SUM = BUCKETS;

    private final AtomicLongArray counts = new AtomicLongArray(BUCKETS + 1);

    /** Of times counted elsewhere, in buckets of the same bounds; their sum is not known. */
    public static LatencyHistogram of(List<Long> counts) {
        LatencyHistogram latencies = new LatencyHistogram();
        for (int i = 0; i < counts.size(); i++) {
            latencies.add(Math.min(i, BUCKETS - 1), counts.get(i));
        }
        return latencies;
    }

    public void took(long nanos) {
        add(bucket(nanos), 1);
        add(SUM, nanos);
    }

    private static int bucket(long nanos) {
        long micros = (nanos + 999) / 1000;
        return micros <= 1 ? 0 : Math.min(BUCKETS - 1, Long.SIZE - Long.numberOfLeadingZeros(micros - 1));
    }

    private void add(int index, long n) {
        counts.setOpaque(index, counts.getPlain(index) + n);
    }

    /** Adds what another one counted. */
    void add(LatencyHistogram other) {
        for (int i = 0; i <= SUM; i++) {
            add(i, other.counts.getOpaque(i));
        }
    }

    public long count(int bucket) {
        return counts.getOpaque(bucket);
    }

    public long count() {
        long count = 0;
        for (int i = 0; i < BUCKETS; i++) {
            count += count(i);
        }
        return count;
    }

    /** 0 if it is not known. */
    public double sumSeconds() {
        return counts.getOpaque(SUM) / 1e9;
    }

    /** Upper bound of a bucket; infinite for the last. */
    public static double boundSeconds(int bucket) {
        return bucket == BUCKETS - 1 ? Double.POSITIVE_INFINITY : (1L << bucket) / 1e6;
    }

    /** The bound that the given share of all commands kept to; 0 if there were none. */
    public double quantileSeconds(double share) {
        long wanted = (long) Math.ceil(share * count());
        long seen = 0;
        for (int i = 0; i < BUCKETS && wanted > 0; i++) {
            seen += count(i);
            if (seen >= wanted) {
                return boundSeconds(i);
            }
        }
        return 0;
    }
}
