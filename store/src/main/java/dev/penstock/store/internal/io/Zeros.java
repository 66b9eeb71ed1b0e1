package dev.penstock.store.internal.io;

import java.nio.ByteBuffer;

/**
 * Zeros to be written where the system cannot allocate a file's blocks. There is one buffer for all files, made on
 * first use: it is direct, so that a write needs no copy, and only a garbage collection would release those of single
 * calls.
 *
 * <p>Thread-safe.
 */
final class Zeros {

    private static final int LENGTH = 1 << 20;
    private static final ByteBuffer ALL = ByteBuffer.allocateDirect(LENGTH).asReadOnlyBuffer();

    private Zeros() {}

    /** Returns so many zeros, or as many as there are. */
    static ByteBuffer atMost(long count) {
        return ALL.duplicate().limit((int) Math.min(LENGTH, count));
    }
}
