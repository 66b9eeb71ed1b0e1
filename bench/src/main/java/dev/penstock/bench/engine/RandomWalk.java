package dev.penstock.bench.engine;

/** Uniformly random key numbers, cheap and different for each thread. Not thread-safe. */
public final class RandomWalk {

    private static final long STEP = 0x9E3779B97F4A7C15L;

    private final long bound;
    private long state = Dataset.mix(Thread.currentThread().threadId());

    public RandomWalk(long bound) {
        this.bound = bound;
    }

    /** A number from 0 to the bound, which is excluded. */
    public long next() {
        state += STEP;
        return Math.unsignedMultiplyHigh(Dataset.mix(state), bound);
    }

    /** True half of the time; depends on where the walk is, but not on the number that it is at. */
    public boolean coin() {
        return (Dataset.mix(state) & 1) == 0;
    }
}
