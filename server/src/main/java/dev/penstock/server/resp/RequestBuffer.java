package dev.penstock.server.resp;

import dev.penstock.server.transfer.ChunkPool;
import dev.penstock.server.transfer.MemoryBudget;
import dev.penstock.server.transfer.OutputChunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Bytes received and not yet consumed. An empty buffer holds no memory. It grows by doubling, only when received bytes
 * fill it, and returns to a pooled chunk as soon as the request that needed the space is done.
 *
 * <p>All offsets are relative to the first unconsumed byte, so they survive growing and compacting.
 */
public final class RequestBuffer {

    /** Most bytes that one request may take in memory; larger values are streamed and do not count. */
    public static final int REQUEST_LIMIT = 64 << 20;

    /** What the beginning of a request takes while the rest is waited for. */
    private static final int SMALL_LENGTH = 2048;

    /** What is held where no memory is; direct, as all memory is. */
    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

    private final ChunkPool pool;
    private final MemoryBudget budget;
    private @Nullable OutputChunk chunk;
    private ByteBuffer bytes = NOTHING;
    private int start;
    private int end;

    public RequestBuffer(ChunkPool pool) {
        this.pool = pool;
        this.budget = pool.requests();
    }

    public MemoryBudget budget() {
        return budget;
    }

    RequestQueue newQueue() {
        return new RequestQueue(pool);
    }

    /** Shrinks to what the few remaining bytes need, until there is more to read. */
    public void shrink() {
        if (chunk != null && bytes.capacity() == OutputChunk.SIZE && available() <= SMALL_LENGTH / 2) {
            budget.release(OutputChunk.SIZE - SMALL_LENGTH);
            moveTo(pool.take(SMALL_LENGTH));
        }
    }

    /** One read from the channel into the free space, which is made first if there is none; what read(2) returned. */
    public int readFrom(ReadableByteChannel channel) throws IOException {
        makeRoom();
        int read = channel.read(bytes.limit(bytes.capacity()).position(end));
        if (read > 0) {
            end += read;
        } else {
            releaseIfEmpty();
        }
        return read;
    }

    /** Appends all that another buffer of the same pool holds, which is empty afterwards. */
    public void takeFrom(RequestBuffer other) {
        if (chunk == null) {
            chunk = other.chunk;
            bytes = other.bytes;
            start = other.start;
            end = other.end;
            other.forget();
        } else if (other.chunk != null) {
            append(other);
        }
    }

    /**
     * What the other buffer has reserved is used for what it holds, so that this takes no more than both do already.
     */
    private void append(RequestBuffer other) {
        int length = other.available();
        if (bytes.capacity() - available() >= length) {
            compact();
            append(other.view(0, length));
            other.release();
            return;
        }
        int size = OutputChunk.SIZE;
        while (size - available() < length) {
            size *= 2;
        }
        long more = (long) size - bytes.capacity() - other.capacity();
        if (more > 0) {
            budget.reserveMore(more);
        } else {
            budget.release(-more);
        }
        moveTo(size == OutputChunk.SIZE ? pool.take() : pool.take(size));
        append(other.view(0, length));
        Objects.requireNonNull(other.chunk).release();
        other.forget();
    }

    /** Whether nothing more fits: the request under way is over the limit. */
    public boolean isFull() {
        return available() >= REQUEST_LIMIT;
    }

    private void makeRoom() {
        if (chunk == null) {
            budget.reserveFirst(OutputChunk.SIZE);
            use(pool.take());
        } else if (bytes.capacity() == SMALL_LENGTH) {
            budget.reserveMore(OutputChunk.SIZE - SMALL_LENGTH);
            moveTo(pool.take());
        } else if (end == bytes.capacity()) {
            if (start > 0) {
                compact();
            } else {
                growTo(Math.min(REQUEST_LIMIT, 2 * bytes.capacity()));
            }
        }
    }

    /** Makes room to append a number of bytes. It reallocates at most once per doubling. */
    public void makeRoom(int length) {
        if (chunk == null) {
            budget.reserveMore(OutputChunk.SIZE);
            use(pool.take());
        }
        if (bytes.capacity() - end < length) {
            int size = bytes.capacity();
            while (size - end < length) {
                size *= 2;
            }
            growTo(Math.min(REQUEST_LIMIT, size));
        }
    }

    /** Appends what is between position and limit, where {@link #makeRoom(int)} made room for it. */
    public void append(ByteBuffer source) {
        bytes.put(end, source, source.position(), source.remaining());
        end += source.remaining();
    }

    void appendInt(int value) {
        bytes.putInt(end, value);
        end += Integer.BYTES;
    }

    int getInt(int offset) {
        return bytes.getInt(start + offset);
    }

    private void compact() {
        bytes.put(0, bytes, start, end - start);
        end -= start;
        start = 0;
    }

    private void growTo(int size) {
        budget.reserveMore((long) size - bytes.capacity());
        moveTo(pool.take(size));
    }

    private void moveTo(OutputChunk target) {
        OutputChunk old = Objects.requireNonNull(chunk);
        int length = end - start;
        target.bytes().put(0, bytes, start, length);
        use(target);
        end = length;
        old.release();
    }

    private void use(OutputChunk next) {
        chunk = next;
        bytes = next.bytes();
        start = 0;
        end = 0;
    }

    /** Bytes received and not consumed. */
    public int available() {
        return end - start;
    }

    /** Memory held; any thread may ask. */
    public int capacity() {
        OutputChunk held = chunk;
        return held == null ? 0 : held.capacity();
    }

    public byte get(int offset) {
        return bytes.get(start + offset);
    }

    /** The bytes themselves, for a decoder's inner loop; {@link #start()} is where offset 0 is. */
    public ByteBuffer bytes() {
        return bytes;
    }

    public int start() {
        return start;
    }

    void set(int offset, byte value) {
        bytes.put(start + offset, value);
    }

    public ByteBuffer view(int offset, int length) {
        return Objects.requireNonNull(chunk).view(start + offset, length);
    }

    /** A copy in the loop's scratch buffer; at most {@link OutputChunk#SIZE} bytes. */
    ByteBuffer scratchCopy(int offset, int length) {
        ByteBuffer scratch = pool.heapScratch();
        scratch.clear().put(0, bytes, start + offset, length);
        return scratch.limit(length);
    }

    byte[] copy(int offset, int length) {
        byte[] copy = new byte[length];
        bytes.get(start + offset, copy);
        return copy;
    }

    /** Drops everything from an offset on: the caller has taken it elsewhere. */
    public void truncate(int offset) {
        end = start + offset;
    }

    /** Drops the first bytes: their request is done. */
    public void consume(int length) {
        start += length;
        releaseIfEmpty();
        if (chunk != null && bytes.capacity() > OutputChunk.SIZE && available() <= OutputChunk.SIZE / 2) {
            budget.release((long) bytes.capacity() - OutputChunk.SIZE);
            moveTo(pool.take());
        }
    }

    private void releaseIfEmpty() {
        if (start == end && chunk != null) {
            release();
        }
    }

    /** Gives the memory back and forgets what was in it. */
    public void release() {
        if (chunk != null) {
            budget.release(chunk.capacity());
            chunk.release();
            forget();
        }
    }

    private void forget() {
        chunk = null;
        bytes = NOTHING;
        start = 0;
        end = 0;
    }
}
