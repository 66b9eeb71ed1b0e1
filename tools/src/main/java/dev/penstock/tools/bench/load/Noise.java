package dev.penstock.tools.bench.load;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/** The bytes of all values: one block of noise, which no server can compress, sent from different places on. */
final class Noise {

    /** A power of two. */
    static final int LENGTH = 1 << 20;

    private Noise() {}

    static ByteBuffer block(long seed) {
        byte[] block = new byte[LENGTH];
        new SplittableRandom(seed).nextBytes(block);
        return ByteBuffer.allocateDirect(LENGTH).put(block).flip();
    }
}
