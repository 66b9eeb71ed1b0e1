package dev.penstock.server.resp;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Numbers as INCRBYFLOAT has them: C's {@code long double} as x86 has it, 64 bits of mantissa and 15 of exponent, read
 * by the rules of {@code strtold} and written by {@code %.17Lf} without zeros at the end. Each is kept as the exact
 * decimal that it stands for, rounded once after it is read and once after each addition.
 */
public final class LongDouble {

    public static final LongDouble ZERO = new LongDouble(BigDecimal.ZERO);

    /** Longest text of a number, as Redis has it. */
    private static final int LONGEST_TEXT = 5 * 1024 - 1;

    private static final int MANTISSA_BITS = 64;
    private static final int SMALLEST_EXPONENT = -16445; // of the last bit of a number that is not normal any more
    private static final int LARGEST_EXPONENT = 16384;
    private static final int SHOWN_DIGITS = 17;

    /** Beyond it a number is zero or infinite whatever its digits are, of which there are few enough. */
    private static final long MOST_EXPONENT = 50_000;

    private static final Pattern DECIMAL = Pattern.compile(
            "([+-]?)(?=\\.?[0-9])([0-9]*)(?:\\.([0-9]*))?(?:e([+-]?[0-9]+))?", Pattern.CASE_INSENSITIVE);
    private static final Pattern HEXADECIMAL = Pattern.compile(
            "([+-]?)0x(?=\\.?[0-9a-f])([0-9a-f]*)(?:\\.([0-9a-f]*))?(?:p([+-]?[0-9]+))?", Pattern.CASE_INSENSITIVE);
    private static final Pattern INFINITY = Pattern.compile("[+-]?inf(inity)?", Pattern.CASE_INSENSITIVE);

    /** Null if infinite. */
    private final @Nullable BigDecimal value;

    private LongDouble(@Nullable BigDecimal value) {
        this.value = value;
    }

    /** Null if the text is not a number, or one that is too large or too small. */
    public static @Nullable LongDouble parse(String text) {
        if (text.length() > LONGEST_TEXT) {
            return null;
        }
        if (INFINITY.matcher(text).matches()) {
            return new LongDouble(null);
        }
        Matcher number = DECIMAL.matcher(text);
        int radix = 10;
        int digitBits = 0;
        if (!number.matches()) {
            number = HEXADECIMAL.matcher(text);
            radix = 16;
            digitBits = 4;
            if (!number.matches()) {
                return null;
            }
        }
        String fraction = number.group(3) == null ? "" : number.group(3);
        BigInteger digits = new BigInteger(number.group(2) + fraction, radix);
        if (digits.signum() == 0) {
            return ZERO;
        }
        BigInteger signed = number.group(1).equals("-") ? digits.negate() : digits;
        long exponent = exponent(number.group(4)) - (long) fraction.length() * Math.max(1, digitBits);
        if (Math.abs(exponent) > MOST_EXPONENT) {
            return null;
        }
        BigDecimal exact =
                radix == 10 ? new BigDecimal(signed).scaleByPowerOfTen((int) exponent) : scaled(signed, (int) exponent);
        LongDouble rounded = new LongDouble(rounded(exact));
        return rounded.value != null && rounded.value.signum() != 0 ? rounded : null;
    }

    private static long exponent(@Nullable String text) {
        if (text == null) {
            return 0;
        }
        BigInteger exponent = new BigInteger(text);
        return exponent.bitLength() < Integer.SIZE ? exponent.longValue() : exponent.signum() * Long.MAX_VALUE / 2;
    }

    public boolean isFinite() {
        return value != null;
    }

    public LongDouble plus(LongDouble other) {
        return new LongDouble(value != null && other.value != null ? rounded(value.add(other.value)) : null);
    }

    /** To the nearest that 64 bits of mantissa can be, the even one of two; null if that is infinite. */
    private static @Nullable BigDecimal rounded(BigDecimal exact) {
        if (exact.signum() == 0) {
            return BigDecimal.ZERO;
        }
        BigInteger numerator = exact.unscaledValue().abs();
        BigInteger denominator = BigInteger.ONE;
        if (exact.scale() > 0) {
            denominator = BigInteger.TEN.pow(exact.scale());
        } else {
            numerator = numerator.multiply(BigInteger.TEN.pow(-exact.scale()));
        }
        // The quotient has the mantissa's bits, one more at the most; then the last one counts half as much.
        int exponent = numerator.bitLength() - denominator.bitLength() - MANTISSA_BITS;
        BigInteger mantissa = divided(numerator, denominator, Math.max(exponent, SMALLEST_EXPONENT));
        if (mantissa.bitLength() > MANTISSA_BITS) {
            exponent++;
            mantissa = divided(numerator, denominator, Math.max(exponent, SMALLEST_EXPONENT));
        }
        exponent = Math.max(exponent, SMALLEST_EXPONENT);
        if (mantissa.bitLength() + exponent > LARGEST_EXPONENT) {
            return null;
        }
        return scaled(exact.signum() < 0 ? mantissa.negate() : mantissa, exponent);
    }

    /** {@code numerator / denominator / 2^exponent}, to the nearest whole number. */
    private static BigInteger divided(BigInteger numerator, BigInteger denominator, int exponent) {
        BigInteger dividend = exponent < 0 ? numerator.shiftLeft(-exponent) : numerator;
        BigInteger divisor = exponent > 0 ? denominator.shiftLeft(exponent) : denominator;
        BigInteger[] parts = dividend.divideAndRemainder(divisor);
        int half = parts[1].shiftLeft(1).compareTo(divisor);
        return half > 0 || (half == 0 && parts[0].testBit(0)) ? parts[0].add(BigInteger.ONE) : parts[0];
    }

    /** {@code number * 2^exponent}, exactly. */
    private static BigDecimal scaled(BigInteger number, int exponent) {
        return exponent >= 0
                ? new BigDecimal(number.shiftLeft(exponent))
                : new BigDecimal(number.multiply(BigInteger.valueOf(5).pow(-exponent)), -exponent);
    }

    @Override
    public String toString() {
        BigDecimal shown = Objects.requireNonNull(value).setScale(SHOWN_DIGITS, RoundingMode.HALF_EVEN);
        return shown.signum() == 0 ? "0" : shown.stripTrailingZeros().toPlainString();
    }
}
