package dev.penstock.store.internal.index;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The 64-bit hash of a key: the construction of wyhash (Wang Yi, final version 4), which reads keys of 4 to 16 bytes in
 * two pieces as its successor rapidhash (Nicolas De Carli) does; seeded per store so that clients cannot choose keys
 * that collide. For short keys it is faster than hash libraries that read through a memory segment.
 */
final class KeyHash {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long SECRET_0 = 0x2d358dccaa6c78a5L;
    private static final long SECRET_1 = 0x8bb84b93962eacc9L;
    private static final long SECRET_2 = 0x4b33a62ed433d4a3L;
    private static final long SECRET_3 = 0x4d5a2da51de1aa47L;
    private static final int BLOCK = 48;

    private final long start;

    /** @param seed hard to guess from outside */
    KeyHash(long seed) {
        this.start = seed ^ mix(seed ^ SECRET_0, SECRET_1);
    }

    long of(byte[] key, int offset, int length) {
        int last = length - Long.BYTES;
        if (last >= 0 && last <= Long.BYTES) {
            return finish(int64(key, offset), int64(key, offset + last), start, length);
        }
        return length < Long.BYTES ? ofShort(key, offset, length) : ofLong(key, offset, length);
    }

    private long ofShort(byte[] key, int offset, int length) {
        if (length >= Integer.BYTES) {
            return finish(int32(key, offset), int32(key, offset + length - Integer.BYTES), start, length);
        }
        long a = length == 0
                ? 0
                : (key[offset] & 0xFFL) << 16
                        | (key[offset + (length >> 1)] & 0xFFL) << 8
                        | key[offset + length - 1] & 0xFFL;
        return finish(a, 0, start, length);
    }

    private long ofLong(byte[] key, int offset, int length) {
        long state = start;
        int at = offset;
        int left = length;
        if (left > BLOCK) {
            long second = state;
            long third = state;
            do {
                state = mix(int64(key, at) ^ SECRET_1, int64(key, at + 8) ^ state);
                second = mix(int64(key, at + 16) ^ SECRET_2, int64(key, at + 24) ^ second);
                third = mix(int64(key, at + 32) ^ SECRET_3, int64(key, at + 40) ^ third);
                at += BLOCK;
                left -= BLOCK;
            } while (left > BLOCK);
            state ^= second ^ third;
        }
        while (left > 16) {
            state = mix(int64(key, at) ^ SECRET_1, int64(key, at + 8) ^ state);
            at += 16;
            left -= 16;
        }
        return finish(int64(key, at + left - 16), int64(key, at + left - 8), state, length);
    }

    private static long finish(long first, long second, long state, int length) {
        long a = first ^ SECRET_1;
        long b = second ^ state;
        return mix(a * b ^ SECRET_0 ^ length, Math.unsignedMultiplyHigh(a, b) ^ SECRET_1);
    }

    private static long mix(long a, long b) {
        return a * b ^ Math.unsignedMultiplyHigh(a, b);
    }

    private static long int64(byte[] bytes, int offset) {
        return (long) LONG.get(bytes, offset);
    }

    private static long int32(byte[] bytes, int offset) {
        return (int) INT.get(bytes, offset) & 0xFFFF_FFFFL;
    }
}
