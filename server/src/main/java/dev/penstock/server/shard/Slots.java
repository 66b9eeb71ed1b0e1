package dev.penstock.server.shard;

import dev.penstock.server.resp.Request;

/**
 * The slot of a key, as in Redis Cluster: CRC-16/XMODEM of the key, or of its hash tag, modulo {@value #COUNT}. The
 * hash tag is what stands between the first opening brace and the next closing one, unless that is nothing.
 */
public final class Slots {

    public static final int COUNT = 16384;

    private static final int POLYNOMIAL = 0x1021;
    private static final int[] TABLE = table();

    private Slots() {}

    private static int[] table() {
        int[] table = new int[1 << Byte.SIZE];
        for (int i = 0; i < table.length; i++) {
            int crc = i << Byte.SIZE;
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                crc = crc << 1 ^ ((crc & 1 << 15) == 0 ? 0 : POLYNOMIAL);
            }
            table[i] = crc & 0xFFFF;
        }
        return table;
    }

    /** The bytes of a key, wherever they are. */
    @FunctionalInterface
    private interface Bytes {
        byte at(int index);
    }

    /** Returns the slot of a key. */
    public static int of(byte[] key) {
        return of(index -> key[index], key.length);
    }

    /** Returns the slot of the key in an argument. */
    public static int of(Request request, int argument) {
        return of(index -> request.byteAt(argument, index), request.length(argument));
    }

    private static int of(Bytes key, int length) {
        int open = indexOf(key, '{', 0, length);
        int close = open < length ? indexOf(key, '}', open + 1, length) : length;
        return close < length && close > open + 1 ? hash(key, open + 1, close) : hash(key, 0, length);
    }

    private static int indexOf(Bytes key, char wanted, int from, int end) {
        int index = from;
        while (index < end && key.at(index) != wanted) {
            index++;
        }
        return index;
    }

    private static int hash(Bytes key, int from, int end) {
        int crc = 0;
        for (int index = from; index < end; index++) {
            crc = crc << Byte.SIZE & 0xFFFF ^ TABLE[crc >>> Byte.SIZE ^ key.at(index) & 0xFF];
        }
        return crc % COUNT;
    }
}
