package dev.penstock.server.resp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Redis's glob patterns over bytes: {@code *}, {@code ?}, {@code [a-z]}, {@code [^a-z]}, backslash to take the next
 * byte literally. The odd corners are Redis's: a class that is not closed ends with the pattern, a range may be given
 * backwards, an empty class matches nothing.
 *
 * <p>A pattern is translated once, into one token for each byte that it matches, so that a class costs no more than a
 * letter. Matching goes back to the last star only, which is enough (a later star can always take over what an earlier
 * one would have eaten) and keeps hostile patterns at pattern length times text length; a {@link Match} goes even
 * through those a part at a time. Immutable. The command {@code penstock scan} matches keys by it too.
 */
public final class Glob {

    /** The longest pattern that a client may give: what is longer matches no key. */
    static final int MOST_BYTES = 64 << 10;

    /** What nothing matches. */
    public static final Glob NONE = new Glob(new byte[] {'['}, false);

    private static final int BYTES_IN_STEP = 4; // of a pattern that is translated
    private static final int STAR = -1;
    private static final int ANY = -2;
    private static final int CLASS = -3; // and less, for those that follow

    private final int[] tokens;
    private final List<BitSet> classes = new ArrayList<>();
    private final boolean ignoreCase;
    private final int leastLength;

    public Glob(byte[] pattern, boolean ignoreCase) {
        this.ignoreCase = ignoreCase;
        int[] translated = new int[pattern.length];
        int count = 0;
        int stars = 0;
        for (int at = 0; at < pattern.length; ) {
            switch (pattern[at]) {
                case '*' -> {
                    at++;
                    if (count > 0 && translated[count - 1] == STAR) {
                        continue;
                    }
                    stars++;
                    translated[count++] = STAR;
                }
                case '?' -> {
                    at++;
                    translated[count++] = ANY;
                }
                case '[' -> {
                    at = addClass(pattern, at + 1);
                    translated[count++] = CLASS - (classes.size() - 1);
                }
                case '\\' -> {
                    int literal = at + 1 < pattern.length ? at + 1 : at;
                    at = literal + 1;
                    translated[count++] = fold(pattern[literal]) & 0xff;
                }
                default -> translated[count++] = fold(pattern[at++]) & 0xff;
            }
        }
        this.tokens = Arrays.copyOf(translated, count);
        this.leastLength = count - stars;
    }

    /**
     * The pattern in an argument.
     *
     * @param cost receives the cost of its translation, in the steps of a turn
     */
    public static Glob of(Request request, int index, boolean ignoreCase, LongConsumer cost) {
        if (request.length(index) > MOST_BYTES) {
            throw new CommandError("ERR pattern is longer than " + MOST_BYTES + " bytes");
        }
        cost.accept(1 + request.length(index) / BYTES_IN_STEP);
        return new Glob(request.bytes(index), ignoreCase);
    }

    /** Adds the class that begins behind the bracket; returns where the pattern continues. */
    private int addClass(byte[] pattern, int from) {
        int at = from;
        boolean negated = at < pattern.length && pattern[at] == '^';
        if (negated) {
            at++;
        }
        BitSet letters = new BitSet(256);
        while (at < pattern.length && pattern[at] != ']') {
            if (pattern[at] == '\\' && at + 1 < pattern.length) {
                letters.set(pattern[at + 1] & 0xff);
                at += 2;
            } else if (at + 2 < pattern.length && pattern[at + 1] == '-') {
                addRange(letters, fold(pattern[at]), fold(pattern[at + 2]));
                at += 3;
            } else {
                addRange(letters, fold(pattern[at]), fold(pattern[at]));
                at++;
            }
        }
        if (negated) {
            letters.flip(0, 256);
        }
        classes.add(letters);
        return at + 1;
    }

    /** Adds the letters that, folded, are in a range. */
    private void addRange(BitSet letters, int one, int other) {
        int last = Math.max(one, other);
        for (int folded = Math.min(one, other); folded <= last; folded++) {
            boolean isUpper = folded >= 'A' && folded <= 'Z';
            if (!ignoreCase || !isUpper) {
                letters.set(folded & 0xff);
            }
            if (ignoreCase && folded >= 'a' && folded <= 'z') {
                letters.set(folded - ('a' - 'A'));
            }
        }
    }

    private int fold(byte letter) {
        return ignoreCase && letter >= 'A' && letter <= 'Z'
                ? letter + ('a' - 'A')
                : letter; // signed, as Redis compares ranges
    }

    public boolean matches(byte[] text) {
        Match match = match(text);
        while (!match.goOn()) {
            // a text of any length, in one go
        }
        return match.isFound();
    }

    /** Begins to match a text. */
    public Match match(byte[] text) {
        return new Match(text);
    }

    private boolean matchesOne(int token, byte letter) {
        if (token == ANY) {
            return true;
        }
        if (token <= CLASS) {
            return classes.get(CLASS - token).get(letter & 0xff);
        }
        return token == (fold(letter) & 0xff);
    }

    /** The matching of a text, a part at a time. */
    public final class Match {

        private static final int COMPARISONS = 64 << 10;
        private static final int COMPARISONS_IN_STEP = 32;

        private final byte[] text;
        private int at;
        private int from;
        private int starAt = -1;
        private int starFrom = -1;
        private boolean found;
        private int compared;

        private Match(byte[] text) {
            this.text = text;
        }

        /** Goes on for some comparisons; whether it is done. */
        public boolean goOn() {
            if (text.length < leastLength) {
                return true;
            }
            for (int left = COMPARISONS; left > 0; left--) {
                compared++;
                if (at < tokens.length && tokens[at] == STAR) {
                    starAt = ++at;
                    starFrom = from;
                } else if (from < text.length && at < tokens.length && matchesOne(tokens[at], text[from])) {
                    at++;
                    from++;
                } else if (from == text.length && at == tokens.length) {
                    found = true;
                    return true;
                } else if (starAt >= 0 && starFrom < text.length) {
                    at = starAt;
                    from = ++starFrom;
                } else {
                    return true;
                }
            }
            return false;
        }

        public boolean isFound() {
            return found;
        }

        /** What it cost since this was last asked. */
        public int takeSteps() {
            int steps = 1 + compared / COMPARISONS_IN_STEP;
            compared = 0;
            return steps;
        }
    }
}
