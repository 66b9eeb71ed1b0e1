package dev.penstock.bench.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The keys and values every engine is given. Key number n is 16 bytes that are computed from n, so that ten million of
 * them need no memory; the two mixing functions are bijections, so no two numbers share a key. A value is 100 bytes and
 * carries a stamp in its first and last eight, so that a reader who looks at both ends can tell which write it sees.
 */
public final class Dataset {

    public static final int KEY_LENGTH = 16;
    public static final int VALUE_LENGTH = 100;
    public static final int LAST_WORD_OFFSET = VALUE_LENGTH - Long.BYTES;

    /** Longs in byte arrays, little-endian, at any offset. */
    public static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final long LOW_SALT = 0xD1B54A32D192ED03L;

    private Dataset() {}

    /** First eight bytes of key number n. */
    public static long high(long n) {
        return mix(n + GOLDEN);
    }

    /** Last eight bytes of key number n. */
    public static long low(long n) {
        return mix(n ^ LOW_SALT);
    }

    public static void fillKey(byte[] key, long high, long low) {
        WORD.set(key, 0, high);
        WORD.set(key, Long.BYTES, low);
    }

    /** A value with nothing but its filling, to be stamped. */
    public static byte[] blankValue() {
        byte[] value = new byte[VALUE_LENGTH];
        Arrays.fill(value, (byte) 'v');
        return value;
    }

    public static void stampValue(byte[] value, long stamp) {
        WORD.set(value, 0, stamp);
        WORD.set(value, LAST_WORD_OFFSET, lastWord(stamp));
    }

    /** The last eight bytes of a value with this stamp. */
    public static long lastWord(long stamp) {
        return stamp * GOLDEN;
    }

    /** What a reader makes of both ends of a value: never 0 for a stamp from 1 to 2^32. */
    public static long signature(long stamp) {
        return stamp ^ lastWord(stamp);
    }

    /** A bijection on 64 bits that spreads each input bit over the whole word (the finaliser of SplitMix64). */
    public static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
