package dev.penstock.bench;

/** Uniformly random key numbers, cheap and different for each thread. Not thread-safe. */
final class RandomWalk {

    private static final long STEP = 0x9E3779B97F4A7C15L;

    private final long bound;
    private long state = Keys.mix(Thread.currentThread().threadId());

    RandomWalk(long bound) {
        this.bound = bound;
    }

    /** A number from 0 to the bound, which is excluded. */
    long next() {
        state += STEP;
        return Math.unsignedMultiplyHigh(Keys.mix(state), bound);
    }

    /** True half of the time; depends on where the walk is, but not on the number that it is at. */
    boolean coin() {
        return (Keys.mix(state) & 1) == 0;
    }
}
