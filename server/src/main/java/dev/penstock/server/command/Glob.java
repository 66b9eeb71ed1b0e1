package dev.penstock.server.command;

/**
 * Redis's glob patterns over bytes: {@code *}, {@code ?}, {@code [a-z]}, {@code [^a-z]}, backslash to take the next
 * byte literally. The odd corners are Redis's: a class that is not closed ends with the pattern, a range may be given
 * backwards, an empty class matches nothing.
 *
 * <p>Matching goes back to the last star only, which is enough (a later star can always take over what an earlier one
 * would have eaten) and keeps hostile patterns at pattern length times text length.
 */
final class Glob {

    private final byte[] pattern;
    private final boolean ignoreCase;
    private int next; // set by matchesOne: the pattern offset behind what was matched

    Glob(byte[] pattern, boolean ignoreCase) {
        this.pattern = pattern;
        this.ignoreCase = ignoreCase;
    }

    boolean matches(byte[] text) {
        int at = 0;
        int from = 0;
        int starAt = -1;
        int starFrom = -1;
        while (true) {
            if (at < pattern.length && pattern[at] == '*') {
                starAt = ++at;
                starFrom = from;
            } else if (from < text.length && at < pattern.length && matchesOne(at, text[from])) {
                at = next;
                from++;
            } else if (from == text.length && at >= pattern.length) {
                return true;
            } else if (starAt >= 0 && starFrom < text.length) {
                at = starAt;
                from = ++starFrom;
            } else {
                return false;
            }
        }
    }

    private boolean matchesOne(int at, byte letter) {
        return switch (pattern[at]) {
            case '?' -> {
                next = at + 1;
                yield true;
            }
            case '[' -> matchesClass(at + 1, letter);
            case '\\' -> matchesLetter(at + 1 < pattern.length ? at + 1 : at, letter);
            default -> matchesLetter(at, letter);
        };
    }

    private boolean matchesLetter(int at, byte letter) {
        next = at + 1;
        return fold(pattern[at]) == fold(letter);
    }

    private boolean matchesClass(int from, byte letter) {
        int at = from;
        boolean negated = at < pattern.length && pattern[at] == '^';
        if (negated) {
            at++;
        }
        boolean found = false;
        while (at < pattern.length && pattern[at] != ']') {
            if (pattern[at] == '\\' && at + 1 < pattern.length) {
                found |= pattern[at + 1] == letter;
                at += 2;
            } else if (at + 2 < pattern.length && pattern[at + 1] == '-') {
                found |= inRange(fold(pattern[at]), fold(pattern[at + 2]), fold(letter));
                at += 3;
            } else {
                found |= fold(pattern[at]) == fold(letter);
                at++;
            }
        }
        next = at + 1;
        return found != negated;
    }

    private static boolean inRange(int one, int other, int letter) {
        return Math.min(one, other) <= letter && letter <= Math.max(one, other);
    }

    private int fold(byte letter) {
        return ignoreCase && letter >= 'A' && letter <= 'Z'
                ? letter + ('a' - 'A')
                : letter; // signed, as Redis compares ranges
    }
}
