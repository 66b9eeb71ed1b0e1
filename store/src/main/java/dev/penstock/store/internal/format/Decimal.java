package dev.penstock.store.internal.format;

/** Decimal digits of a length, without a division: this is on the path of every read. */
final class Decimal {

    private static final long[] POWERS_OF_TEN = new long[19];

    static {
        long power = 1;
        for (int i = 0; i < POWERS_OF_TEN.length; i++) {
            POWERS_OF_TEN[i] = power;
            power *= 10;
        }
    }

    private Decimal() {}

    /** Number of decimal digits of a value from 0 to 10^18 - 1. */
    static int digitCount(long value) {
        // 1233 / 4096 is just over log10(2): the guess is exact or one too high.
        int guess = (Long.SIZE - Long.numberOfLeadingZeros(value | 1)) * 1233 >>> 12;
        return value < POWERS_OF_TEN[guess] ? Math.max(guess, 1) : guess + 1;
    }
}
