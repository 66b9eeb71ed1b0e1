package dev.penstock.store.check;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts keys by what they begin with, in bounded memory. When there are too many prefixes, those with the fewest keys
 * are forgotten: what a count may be too low by is known ("lossy counting", Manku and Motwani 2002).
 */
final class PrefixCounter {

    private static final int MOST_PREFIXES = 1 << 15;
    /** A longer prefix is cut. */
    private static final int MOST_LENGTH = 256;

    private static final class Count {
        long keys;
        long bytes;
        long shortfall;
    }

    private final byte[] delimiter;
    private final Map<ByteBuffer, Count> counts = new HashMap<>();
    private long shortfall;

    PrefixCounter(byte[] delimiter) {
        this.delimiter = delimiter;
    }

    void add(byte[] array, int offset, int length, long recordBytes) {
        int end = Math.min(prefixLength(array, offset, length), MOST_LENGTH);
        Count count = counts.get(ByteBuffer.wrap(array, offset, end));
        if (count == null) {
            if (counts.size() == MOST_PREFIXES) {
                forgetHalf();
            }
            count = new Count();
            count.shortfall = shortfall;
            counts.put(ByteBuffer.wrap(Arrays.copyOfRange(array, offset, offset + end)), count);
        }
        count.keys++;
        count.bytes += recordBytes;
    }

    private int prefixLength(byte[] array, int offset, int length) {
        for (int at = 0; at + delimiter.length <= length; at++) {
            if (Arrays.equals(array, offset + at, offset + at + delimiter.length, delimiter, 0, delimiter.length)) {
                return at + delimiter.length;
            }
        }
        return 0;
    }

    private void forgetHalf() {
        long[] keys = counts.values().stream()
                .mapToLong(count -> count.keys + count.shortfall)
                .sorted()
                .toArray();
        long most = keys[keys.length / 2];
        shortfall = Math.max(shortfall, most);
        counts.values().removeIf(count -> count.keys + count.shortfall <= most);
    }

    /** What each count may be too low by. */
    long shortfall() {
        return shortfall;
    }

    List<PrefixSummary> largest(int most) {
        return counts.entrySet().stream()
                .sorted(Comparator.comparingLong((Map.Entry<ByteBuffer, Count> entry) -> entry.getValue().keys)
                        .reversed())
                .limit(most)
                .map(entry -> new PrefixSummary(entry.getKey().array(), entry.getValue().keys, entry.getValue().bytes))
                .toList();
    }
}
