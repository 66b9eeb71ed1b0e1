package dev.penstock.server.transfer;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;

/**
 * A direct buffer on loan from a {@link ChunkPool}, with a second view of the same bytes, so that nobody has to make one
 * per request. As output it is filled through {@link #bytes()} and sent through the view; as input the view is the slice
 * that a command hands to the store.
 *
 * <p>Belongs to one event loop; not thread-safe.
 */
public final class Chunk implements Piece {

    /** Capacity of a pooled chunk: a turn's requests or replies fit, and it stays in the second-level cache. */
    public static final int SIZE = 64 * 1024;

    private final ChunkPool pool;
    private final Arena arena;
    private final ByteBuffer bytes;
    private final ByteBuffer view;
    private int sent;

    /** @param arena what to free when the chunk is given back; null for a chunk that the pool keeps */
    Chunk(ChunkPool pool, Arena arena, ByteBuffer bytes) {
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

    @Override
    public long writeTo(Wire wire, long limit) throws IOException {
        int length = (int) Math.min(limit, remaining());
        int written = wire.channel().write(view(sent, length));
        sent += written;
        return written;
    }

    @Override
    public boolean isWaiting() {
        return false;
    }

    @Override
    public long remaining() {
        return (long) bytes.position() - sent;
    }

    @Override
    public int memoryLength() {
        return capacity();
    }

    @Override
    public void release() {
        bytes.clear();
        sent = 0;
        pool.giveBack(this);
    }

    Arena arena() {
        return arena;
    }
}
