package dev.penstock.store.internal.log;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/** Histogram of the durations of forces, by powers of two. Thread-safe. */
public final class ForceLatencies {

    /** The last one counts all that took longer, from about an hour on. */
    private static final int COUNTS = 32;

    private final AtomicLongArray counts = new AtomicLongArray(COUNTS);

    void add(long nanos) {
        long micros = TimeUnit.NANOSECONDS.toMicros(nanos);
        counts.getAndIncrement(Math.min(COUNTS - 1, Long.SIZE - Long.numberOfLeadingZeros(micros)));
    }

    /** At index {@code i}, how many took less than {@code 2^i} microseconds, and not less than half that. */
    public long[] counts() {
        long[] copy = new long[COUNTS];
        for (int i = 0; i < COUNTS; i++) {
            copy[i] = counts.get(i);
        }
        return copy;
    }
}
