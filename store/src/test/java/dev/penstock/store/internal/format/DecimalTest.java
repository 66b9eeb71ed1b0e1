package dev.penstock.store.internal.format;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class DecimalTest {

    @Test
    void aLengthHasAsManyDigitsAsItsTextWhereTheCountCanChange() {
        for (int bit = 0; bit < 59; bit++) {
            assertDigits((1L << bit) - 1);
            assertDigits(1L << bit);
        }
        for (long power = 1; power < 1_000_000_000_000_000_000L; power *= 10) {
            assertDigits(power - 1);
            assertDigits(power);
            assertDigits(power + 1);
        }
        assertDigits(999_999_999_999_999_999L);
    }

    @Test
    void everyLengthOfASmallValueHasAsManyDigitsAsItsText() {
        for (int value = 0; value <= 2_000_000; value++) {
            assertDigits(value);
        }
    }

    private static void assertDigits(long value) {
        assertEquals(Long.toString(value).length(), Decimal.digitCount(value), () -> "digits of " + value);
    }
}
