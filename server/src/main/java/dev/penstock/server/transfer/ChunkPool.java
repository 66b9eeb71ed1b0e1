package dev.penstock.server.transfer;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * The buffers of one event loop. A connection holds one only while it has a request or a reply under way, so that idle
 * connections cost nothing and busy ones share a few warm buffers. Chunks beyond the pool are allocated on demand and
 * freed at once when they are released, without waiting for the garbage collector.
 *
 * <p>Belongs to the event loop's thread; not thread-safe.
 */
public final class ChunkPool {

    private static final int POOLED_CHUNKS = 64;
    private static final long MOST_BUDGET = 1L << 30;

    private final ArrayDeque<OutputChunk> free = new ArrayDeque<>(POOLED_CHUNKS);
    private final ByteBuffer heapScratch = ByteBuffer.wrap(new byte[OutputChunk.SIZE]);
    private final MemoryBudget requests;
    private final MemoryBudget replies;
    private int pooled;
    private long bytesOnLoan;

    /**
     * A pool with budgets that leave the JVM's direct memory, as large as its heap unless told otherwise, some room.
     */
    public ChunkPool() {
        this(Math.min(MOST_BUDGET, Runtime.getRuntime().maxMemory() / 8 * 3));
    }

    ChunkPool(long budget) {
        requests = new MemoryBudget("requests", budget);
        replies = new MemoryBudget("replies", budget);
    }

    /** Another event loop's, with buffers of its own and the same budgets. */
    public ChunkPool(ChunkPool other) {
        requests = other.requests.sibling();
        replies = other.replies.sibling();
    }

    /** What all clients' unfinished requests may take. */
    public MemoryBudget requests() {
        return requests;
    }

    /** What all clients' unsent replies may take. */
    public MemoryBudget replies() {
        return replies;
    }

    /** A chunk of {@link OutputChunk#SIZE} bytes. */
    public OutputChunk take() {
        OutputChunk chunk = free.pollLast();
        if (chunk == null) {
            if (pooled == POOLED_CHUNKS) {
                return take(OutputChunk.SIZE);
            }
            pooled++;
            chunk = new OutputChunk(this, null, ByteBuffer.allocateDirect(OutputChunk.SIZE));
        }
        bytesOnLoan += OutputChunk.SIZE;
        return chunk.lend();
    }

    /** A chunk of its own memory, of any size. */
    @SuppressWarnings("MustBeClosed") // giveBack closes the arena
    public OutputChunk take(int size) {
        Arena arena = Arena.ofConfined();
        OutputChunk chunk;
        try {
            chunk = new OutputChunk(this, arena, arena.allocate(size).asByteBuffer());
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
        bytesOnLoan += size;
        return chunk.lend();
    }

    /** A heap buffer of {@link OutputChunk#SIZE} bytes, shared by all callers: valid until the next call. */
    public ByteBuffer heapScratch() {
        return heapScratch;
    }

    /** Bytes of the chunks that are in use. */
    public long bytesOnLoan() {
        return bytesOnLoan;
    }

    void giveBack(OutputChunk chunk) {
        bytesOnLoan -= chunk.capacity();
        if (chunk.arena() == null) {
            free.addLast(chunk);
        } else {
            chunk.arena().close();
        }
    }
}
