package dev.penstock.store.internal.write;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Direct buffers between the heap, or a channel, and the files of large values. A value borrows one while it arrives.
 * Its memory is released only when a garbage collection finds it, which a program with little garbage seldom runs, so
 * a store keeps a few and uses them again. What is returned beyond these is garbage.
 *
 * <p>Thread-safe.
 */
final class TransferBuffers {

    /** Values that arrive at the same time and need no new buffer; 1 MiB in all. */
    static final int KEPT_COUNT = 4;

    private final BlockingQueue<ByteBuffer> kept = new ArrayBlockingQueue<>(KEPT_COUNT);

    /** Returns an empty buffer of {@link ValueSink#PIECE_LENGTH} bytes, the caller's until it is returned. */
    ByteBuffer take() {
        ByteBuffer buffer = kept.poll();
        return buffer != null ? buffer.clear() : ByteBuffer.allocateDirect(ValueSink.PIECE_LENGTH);
    }

    /** Returns a buffer, which the caller must not use any more. */
    void giveBack(ByteBuffer buffer) {
        kept.offer(buffer);
    }
}
