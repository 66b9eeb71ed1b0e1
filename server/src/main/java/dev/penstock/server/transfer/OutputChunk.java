package dev.penstock.server.transfer;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A direct buffer on loan from a {@link ChunkPool}, with a second view of the same bytes, so that requests need not
 * create one. As output it is filled through {@link #bytes()} and sent through the view, by one {@link Stretch} or
 * several; as input the view is the slice that a command hands to the store.
 *
 * <p>Belongs to one event loop; not thread-safe.
 */
public final class OutputChunk {

    /** Capacity of a pooled chunk: a turn's requests or replies fit, and it stays in the second-level cache. */
    public static final int SIZE = 64 * 1024;

    private final ChunkPool pool;
    private final @Nullable Arena arena;
    private final ByteBuffer bytes;
    private final ByteBuffer view;
    private final Stretch first = new Stretch(this);
    private int users;

    /** @param arena what to free when the chunk is released; null for a chunk that the pool keeps */
    OutputChunk(ChunkPool pool, @Nullable Arena arena, ByteBuffer bytes) {
        this.pool = pool;
        this.arena = arena;
        this.bytes = bytes;
        this.view = bytes.duplicate();
    }

    public ByteBuffer bytes() {
        return bytes;
    }

    public int capacity() {
        return bytes.capacity();
    }

    /** The view, set to a range; valid until the next call. */
    public ByteBuffer view(int offset, int length) {
        return view.limit(offset + length).position(offset);
    }

    /** Marks the chunk as taken from the pool, by one user. */
    OutputChunk lend() {
        users = 1;
        return this;
    }

    /** The stretch from the chunk's beginning. It is the chunk's own, so that most replies allocate none. */
    Stretch firstStretch() {
        return first.begin(0);
    }

    /** A stretch from the chunk's position. It uses the chunk together with those before it. */
    Stretch nextStretch() {
        users++;
        return new Stretch(this).begin(bytes.position());
    }

    /** Ends one use. Returns whether it was the last, which returns the chunk to its pool. */
    public boolean release() {
        if (--users > 0) {
            return false;
        }
        bytes.clear();
        pool.giveBack(this);
        return true;
    }

    @Nullable
    Arena arena() {
        return arena;
    }
}
