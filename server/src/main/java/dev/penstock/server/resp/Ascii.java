package dev.penstock.server.resp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Decimal numbers and case-insensitive words in byte buffers, without making strings. Numbers are as strict as Redis
 * has them: no plus sign, no leading zero, no space.
 */
public final class Ascii {

    /** Longest text of a 64-bit number, sign included. */
    static final int MAX_LONG_DIGITS = 20;

    private Ascii() {}

    /** Thrown without a stack trace: bad numbers come from clients, not from mistakes in the program. */
    public static final class NotANumberException extends Exception {

        private static final long serialVersionUID = 1L;

        private NotANumberException() {
            super("not a 64-bit number", null, false, false);
        }
    }

    /** Reads all of the given range as a signed 64-bit number. */
    public static long parseLong(ByteBuffer bytes, int offset, int length) throws NotANumberException {
        if (length == 0 || length > MAX_LONG_DIGITS) {
            throw new NotANumberException();
        }
        boolean negative = bytes.get(offset) == '-';
        int from = negative ? 1 : 0;
        if (length == from || (bytes.get(offset + from) == '0' && length > 1)) {
            throw new NotANumberException();
        }
        long value = 0; // kept negative, so that Long.MIN_VALUE fits
        for (int i = from; i < length; i++) {
            int digit = bytes.get(offset + i) - '0';
            if (digit < 0 || digit > 9 || value < (Long.MIN_VALUE + digit) / 10) {
                throw new NotANumberException();
            }
            value = value * 10 - digit;
        }
        if (!negative && value == Long.MIN_VALUE) {
            throw new NotANumberException();
        }
        return negative ? value : -value;
    }

    /** Writes the decimal digits at the buffer's position. */
    static void putLong(ByteBuffer target, long value) {
        if (value < 0) {
            if (value == Long.MIN_VALUE) {
                target.put(Long.toString(value).getBytes(StandardCharsets.ISO_8859_1));
                return;
            }
            target.put((byte) '-');
            value = -value;
        }
        int digits = digitCount(value);
        int start = target.position();
        for (int i = start + digits - 1; i >= start; i--) {
            target.put(i, (byte) ('0' + value % 10));
            value /= 10;
        }
        target.position(start + digits);
    }

    private static int digitCount(long value) {
        int digits = 1;
        for (long rest = value / 10; rest > 0; rest /= 10) {
            digits++;
        }
        return digits;
    }

    /** Whether the range is the given lower-case word, in whatever case. */
    static boolean equalsIgnoreCase(ByteBuffer bytes, int offset, int length, String lowerCaseWord) {
        if (length != lowerCaseWord.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (lowerCase(bytes.get(offset + i)) != lowerCaseWord.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    public static int lowerCase(byte letter) {
        return letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter;
    }

    /** What may stand in a one-line reply: line ends become spaces. */
    static String oneLine(String text) {
        return text.replace('\r', ' ').replace('\n', ' ');
    }
}
