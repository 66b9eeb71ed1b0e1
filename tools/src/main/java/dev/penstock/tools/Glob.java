package dev.penstock.tools;

/**
 * A Redis glob over bytes: {@code *} any run, {@code ?} any byte, {@code [a-z]} and {@code [^a]} one of a set,
 * {@code \} takes the next byte as it is. Time grows with pattern times key at worst, for only the last star is ever
 * tried again.
 */
final class Glob {

    private final byte[] pattern;

    Glob(byte[] pattern) {
        this.pattern = pattern;
    }

    boolean matches(byte[] key) {
        int at = 0;
        int keyAt = 0;
        int starAt = -1;
        int starKeyAt = 0;
        while (keyAt < key.length || at < pattern.length) {
            if (at < pattern.length && pattern[at] == '*') {
                starAt = at++;
                starKeyAt = keyAt;
            } else if (at < pattern.length && keyAt < key.length && matchesOne(at, key[keyAt])) {
                at = next(at);
                keyAt++;
            } else if (starAt >= 0 && starKeyAt < key.length) {
                at = starAt + 1;
                keyAt = ++starKeyAt;
            } else {
                return false;
            }
        }
        return true;
    }

    /** Whether the element at this place of the pattern, which is no star, takes the byte. */
    private boolean matchesOne(int at, byte value) {
        return switch (pattern[at]) {
            case '?' -> true;
            case '\\' -> pattern[Math.min(at + 1, pattern.length - 1)] == value;
            case '[' -> matchesSet(at + 1, next(at), Byte.toUnsignedInt(value));
            default -> pattern[at] == value;
        };
    }

    private boolean matchesSet(int from, int end, int value) {
        boolean negated = from < end && pattern[from] == '^';
        boolean found = false;
        for (int at = negated ? from + 1 : from; at < end && pattern[at] != ']'; at++) {
            if (pattern[at] == '\\' && at + 1 < end) {
                at++;
            }
            int low = Byte.toUnsignedInt(pattern[at]);
            int high = low;
            if (at + 2 < end && pattern[at + 1] == '-' && pattern[at + 2] != ']') {
                at += 2;
                high = Byte.toUnsignedInt(pattern[at]);
            }
            found |= Math.min(low, high) <= value && value <= Math.max(low, high);
        }
        return found != negated;
    }

    /** The place behind the element that starts here; a set that is never closed reaches to the end. */
    private int next(int at) {
        if (pattern[at] == '\\') {
            return Math.min(at + 2, pattern.length);
        }
        if (pattern[at] != '[') {
            return at + 1;
        }
        int end = at + 1;
        while (end < pattern.length && pattern[end] != ']') {
            end += pattern[end] == '\\' ? 2 : 1;
        }
        return Math.min(end + 1, pattern.length);
    }
}
