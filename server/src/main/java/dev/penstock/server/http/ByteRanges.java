package dev.penstock.server.http;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The ranges that a request asks for (RFC 9110, 14). Bounded, as a short request could otherwise ask for many times the
 * value: ranges that overlap or touch are one, and more than {@link #MOST} of them are refused.
 */
final class ByteRanges {

    /** Most ranges that one response has. */
    static final int MOST = 16;

    private static final String UNIT = "bytes=";
    private static final int MOST_DIGITS = 18;

    /** A range of a value, both ends included. */
    record Range(long first, long last) {

        long length() {
            return last - first + 1;
        }
    }

    private ByteRanges() {}

    /**
     * The ranges that a field asks for, in its order unless some of them overlap.
     *
     * @param field the value of {@code Range}
     * @param length of the value
     * @return null if the field is to be ignored, since its unit is another one or it is malformed
     * @throws Problem if no part of the value is in any range, or there are too many
     */
    static @Nullable List<Range> of(String field, long length) {
        if (!field.toLowerCase(Locale.ROOT).startsWith(UNIT)) {
            return null;
        }
        List<Range> ranges = new ArrayList<>();
        int count = 0;
        for (String part : field.substring(UNIT.length()).split(",", -1)) {
            String text = part.strip();
            if (text.isEmpty()) {
                continue;
            }
            int dash = text.indexOf('-');
            if (dash < 0
                    || !isNumber(text, 0, dash)
                    || !isNumber(text, dash + 1, text.length())
                    || text.length() == 1) {
                return null;
            }
            if (++count > MOST) {
                throw new Problem(
                        Status.RANGE_NOT_SATISFIABLE,
                        "a request may ask for " + MOST + " ranges at most",
                        contentRange(length));
            }
            Range range = range(text.substring(0, dash), text.substring(dash + 1), length);
            if (range == null) {
                return null;
            }
            if (range.first < length && range.length() > 0) {
                ranges.add(range);
            }
        }
        if (count == 0) {
            return null;
        }
        if (ranges.isEmpty()) {
            throw new Problem(
                    Status.RANGE_NOT_SATISFIABLE,
                    "the value has " + length + " bytes, and none of them is in the range",
                    contentRange(length));
        }
        return merged(ranges);
    }

    private static String contentRange(long length) {
        return "Content-Range: bytes */" + length + "\r\n";
    }

    private static boolean isNumber(String text, int from, int end) {
        for (int i = from; i < end; i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    /** Null if it ends before it begins. One without a byte of the value begins behind it, or has no length. */
    private static @Nullable Range range(String first, String last, long length) {
        if (first.isEmpty()) {
            return new Range(Math.max(0, length - number(last)), length - 1);
        }
        long from = number(first);
        long to = last.isEmpty() ? Long.MAX_VALUE : number(last);
        return to < from ? null : new Range(from, Math.min(to, length - 1));
    }

    private static long number(String digits) {
        return digits.length() > MOST_DIGITS ? Long.MAX_VALUE : Long.parseLong(digits);
    }

    private static List<Range> merged(List<Range> ranges) {
        if (ranges.size() == 1) {
            return ranges;
        }
        List<Range> sorted = new ArrayList<>(ranges);
        sorted.sort(Comparator.comparingLong(Range::first));
        List<Range> merged = new ArrayList<>();
        for (Range range : sorted) {
            Range before = merged.isEmpty() ? null : merged.getLast();
            if (before != null && range.first <= before.last + 1) {
                merged.set(merged.size() - 1, new Range(before.first, Math.max(before.last, range.last)));
            } else {
                merged.add(range);
            }
        }
        return merged.size() == ranges.size() ? ranges : merged;
    }
}
