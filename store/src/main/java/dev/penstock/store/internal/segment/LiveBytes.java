package dev.penstock.store.internal.segment;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How many bytes of a segment's records are current, counted for each stripe of the key directory. A stripe's count
 * changes only under that stripe's lock and needs no atomic operation. A holder of the lock reads an exact count; the
 * sum that other threads read may mix slightly different moments.
 */
public final class LiveBytes {

    /** Stripes of the key directory. */
    public static final int STRIPE_COUNT = 64;

    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] counts = new long[STRIPE_COUNT];

    /** Of one stripe. */
    public long get(int stripe) {
        return (long) COUNT.getOpaque(counts, stripe);
    }

    /** The caller holds the stripe's lock. */
    public void add(int stripe, long delta) {
        COUNT.setOpaque(counts, stripe, counts[stripe] + delta);
    }

    /** Of all stripes. */
    public long sum() {
        long sum = 0;
        for (int stripe = 0; stripe < STRIPE_COUNT; stripe++) {
            sum += get(stripe);
        }
        return sum;
    }

    /** The caller holds all stripes' locks, or is alone, here and below. */
    public void clear() {
        for (int stripe = 0; stripe < STRIPE_COUNT; stripe++) {
            COUNT.setOpaque(counts, stripe, 0L);
        }
    }

    /** Goes on from the counts of another. */
    public void copy(LiveBytes other) {
        for (int stripe = 0; stripe < STRIPE_COUNT; stripe++) {
            COUNT.setOpaque(counts, stripe, other.get(stripe));
        }
    }
}
