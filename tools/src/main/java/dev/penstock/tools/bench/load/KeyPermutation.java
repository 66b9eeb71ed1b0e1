package dev.penstock.tools.bench.load;

/**
 * A fixed permutation of the numbers below a count, which spreads the popular ranks of a Zipf distribution over all
 * keys. Unlike a hash modulo the count it gives no key two ranks and leaves none out. The numbers below the next power
 * of two are mixed by steps that can each be undone, and mixed again until the result is below the count. Immutable.
 */
final class KeyPermutation {

    private static final long FIRST_FACTOR = 0x9E3779B97F4A7C15L;
    private static final long SECOND_FACTOR = 0xBF58476D1CE4E5B9L;

    private final long count;
    private final long mask;
    private final int shift;

    /** @param count 1 or more */
    KeyPermutation(long count) {
        this.count = count;
        int bits = Math.max(1, 64 - Long.numberOfLeadingZeros(count - 1));
        this.mask = -1L >>> (64 - bits);
        this.shift = Math.max(1, bits / 2);
    }

    long of(long number) {
        long mixed = number;
        do {
            mixed = mixed * FIRST_FACTOR + FIRST_FACTOR & mask;
            mixed ^= mixed >>> shift;
            mixed = mixed * SECOND_FACTOR & mask;
            mixed ^= mixed >>> shift;
        } while (mixed >= count);
        return mixed;
    }
}
