package dev.penstock.store.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Counts records in buckets whose bounds are fixed. */
final class HistogramBuilder {

    private final long[] bounds;
    private final long[] counts;
    private final long[] bytes;

    /** @param bounds what the buckets begin with, ascending; what is less than the first one goes into that */
    HistogramBuilder(long... bounds) {
        this.bounds = bounds;
        this.counts = new long[bounds.length];
        this.bytes = new long[bounds.length];
    }

    /** Buckets that begin with 0, 1, 2, 4, 8 and so on. */
    static HistogramBuilder ofPowersOfTwo() {
        long[] bounds = new long[Long.SIZE];
        for (int i = 1; i < bounds.length; i++) {
            bounds[i] = 1L << i - 1;
        }
        return new HistogramBuilder(bounds);
    }

    /** Buckets that begin with 0, 1, 10, 100 and so on. */
    static HistogramBuilder ofPowersOfTen() {
        long[] bounds = new long[20];
        long power = 1;
        for (int i = 1; i < bounds.length; i++) {
            bounds[i] = power;
            power *= i < bounds.length - 1 ? 10 : 1;
        }
        return new HistogramBuilder(bounds);
    }

    void add(long quantity, long recordBytes) {
        int found = Arrays.binarySearch(bounds, quantity);
        int bucket = Math.max(0, found >= 0 ? found : -found - 2);
        counts[bucket]++;
        bytes[bucket] += recordBytes;
    }

    Histogram build() {
        int first = 0;
        while (first < counts.length && counts[first] == 0) {
            first++;
        }
        int last = counts.length - 1;
        while (last > first && counts[last] == 0) {
            last--;
        }
        List<Histogram.Bucket> buckets = new ArrayList<>();
        for (int i = first; i <= last && i < counts.length; i++) {
            buckets.add(new Histogram.Bucket(bounds[i], counts[i], bytes[i]));
        }
        return new Histogram(buckets);
    }
}
