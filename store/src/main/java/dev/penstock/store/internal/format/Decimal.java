package dev.penstock.store.internal.format;

/** Decimal digits of a length, without a division: this is on the path of every read. */
final class Decimal {

    private static final long[] POWERS_OF_TEN = new long[19];

    /**
     * For each position of the highest bit of a number of up to 31 bits: what is added to the number so that the upper
     * half of the sum is the number of its digits (Kendall Willets, 2020).
     */
    private static final long[] OF_HIGHEST_BIT = new long[Integer.SIZE];

    static {
        long power = 1;
        for (int i = 0; i < POWERS_OF_TEN.length; i++) {
            POWERS_OF_TEN[i] = power;
            power *= 10;
        }
        for (int bit = 0; bit < OF_HIGHEST_BIT.length; bit++) {
            int digits = guessed((1L << bit + 1) - 1);
            boolean isSure = guessed(1L << bit) == digits;
            OF_HIGHEST_BIT[bit] = ((long) digits << Integer.SIZE) - (isSure ? 0 : POWERS_OF_TEN[digits - 1]);
        }
    }

    private Decimal() {}

    /** Number of decimal digits of a value from 0 to 10^18 - 1. */
    static int digitCount(long value) {
        if (value <= Integer.MAX_VALUE) {
            int highestBit = Integer.SIZE - 1 - Integer.numberOfLeadingZeros((int) value | 1);
            return (int) (value + OF_HIGHEST_BIT[highestBit & Integer.SIZE - 1] >>> Integer.SIZE);
        }
        return guessed(value);
    }

    private static int guessed(long value) {
        // 1233 / 4096 is just over log10(2): the guess is exact or one too high.
        int guess = (Long.SIZE - Long.numberOfLeadingZeros(value | 1)) * 1233 >>> 12;
        return value < POWERS_OF_TEN[guess] ? Math.max(guess, 1) : guess + 1;
    }
}
