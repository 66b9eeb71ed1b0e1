package dev.penstock.server.transfer;

import dev.penstock.store.transfer.ValueFrame;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * The aligned buffers for values that bypass the page cache. Their number is fixed, so that slow clients cannot
 * accumulate them; a transfer that finds none uses the page cache.
 *
 * <p>Belongs to the event loop's thread; not thread-safe.
 */
final class DirectBuffers implements AutoCloseable {

    /** One page more than is read at a time, for stretches that begin in the middle of a page. */
    static final int CAPACITY = 256 * 1024 + ValueFrame.DIRECT_ALIGNMENT;

    private static final int MOST = 64;

    private final Arena arena = Arena.ofShared();
    private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();
    private int allocated;

    /** Whether so many can be taken. */
    boolean hasFree(int count) {
        return free.size() + MOST - allocated >= count;
    }

    ByteBuffer take() {
        if (!free.isEmpty()) {
            return free.removeLast();
        }
        allocated++;
        return arena.allocate(CAPACITY, ValueFrame.DIRECT_ALIGNMENT).asByteBuffer();
    }

    void giveBack(ByteBuffer buffer) {
        free.addLast(buffer);
    }

    /** Frees the memory; all of it must be back. */
    @Override
    public void close() {
        arena.close();
    }
}
