package dev.penstock.tools.text;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A Redis glob over bytes: {@code *} any run, {@code ?} any byte, {@code [a-z]} and {@code [^a]} one of a set, {@code
 * \} takes the next byte as it is. It means what it means to the server, odd corners included: a set that is not closed
 * ends with the pattern, a range may be given backwards, and a bracket behind a hyphen ends a range and no set. Time
 * grows with pattern times key at worst, for only the last star is ever tried again.
 */
public final class KeyPattern {

    private static final int BYTES = 256;
    private static final BitSet STAR = new BitSet();

    /** For each place of the pattern the bytes that it takes, or {@link #STAR}. */
    private final List<BitSet> places = new ArrayList<>();

    public KeyPattern(byte[] pattern) {
        for (int at = 0; at < pattern.length; ) {
            at = switch (pattern[at]) {
                case '*' -> {
                    places.add(STAR);
                    yield at + 1;
                }
                case '?' -> {
                    places.add(complement(new BitSet(BYTES)));
                    yield at + 1;
                }
                case '[' -> addSet(pattern, at + 1);
                case '\\' -> addByte(pattern, Math.min(at + 1, pattern.length - 1));
                default -> addByte(pattern, at);
            };
        }
    }

    private int addByte(byte[] pattern, int at) {
        BitSet one = new BitSet(BYTES);
        one.set(Byte.toUnsignedInt(pattern[at]));
        places.add(one);
        return at + 1;
    }

    /** Adds the set that begins behind the bracket; returns where the pattern goes on. */
    private int addSet(byte[] pattern, int from) {
        boolean negated = from < pattern.length && pattern[from] == '^';
        int at = negated ? from + 1 : from;
        BitSet set = new BitSet(BYTES);
        while (at < pattern.length && pattern[at] != ']') {
            if (pattern[at] == '\\' && at + 1 < pattern.length) {
                set.set(Byte.toUnsignedInt(pattern[at + 1]));
                at += 2;
            } else if (at + 2 < pattern.length && pattern[at + 1] == '-') {
                addRange(set, pattern[at], pattern[at + 2]);
                at += 3;
            } else {
                addRange(set, pattern[at], pattern[at]);
                at++;
            }
        }
        places.add(negated ? complement(set) : set);
        return at + 1;
    }

    /** The bytes are signed here, as Redis compares them. */
    private static void addRange(BitSet set, byte one, byte other) {
        for (int value = Math.min(one, other); value <= Math.max(one, other); value++) {
            set.set(value & 0xff);
        }
    }

    private static BitSet complement(BitSet set) {
        set.flip(0, BYTES);
        return set;
    }

    @SuppressWarnings("ReferenceEquality") // one object stands for the star
    public boolean matches(byte[] key) {
        int at = 0;
        int keyAt = 0;
        int starAt = -1;
        int starKeyAt = 0;
        while (keyAt < key.length || at < places.size()) {
            if (at < places.size() && places.get(at) == STAR) {
                starAt = at++;
                starKeyAt = keyAt;
            } else if (at < places.size()
                    && keyAt < key.length
                    && places.get(at).get(Byte.toUnsignedInt(key[keyAt]))) {
                at++;
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
}
