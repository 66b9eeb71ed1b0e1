package dev.penstock.store;

import dev.penstock.store.internal.engine.OwnerEngine;
import dev.penstock.store.internal.engine.WritePath;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.write.ValueSink;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * One value on its way in, from {@link Store#putStream(byte[], long)}. A large one goes straight into a file of its own, and is never
 * in memory as a whole. Nothing is seen of it before a commit; closed without one, it vanishes, as it does in a crash.
 *
 * <p>Not thread-safe, but may be handed from thread to thread.
 */
public final class ValueWriter implements WritableByteChannel {

    private static final int FIRST_CAPACITY = 4096;

    private final OwnerEngine engine;
    private final WritePath writes;
    /** The store's. */
    private final Durability durability;

    private final byte[] key;
    /** Length of the value in bytes, or {@link #UNKNOWN}. */
    private final long length;
    /** Holds a value that is not large, or not yet; null once there is a sink. */
    private ByteBuffer gathered;
    /** Where a large value goes; null before it is known to be one. */
    private ValueSink sink;

    private boolean open = true;

    static final long UNKNOWN = -1;

    ValueWriter(OwnerEngine engine, WritePath writes, Durability durability, byte[] key, long length) {
        this.engine = engine;
        this.writes = writes;
        this.durability = durability;
        this.key = key;
        this.length = length;
        if (length == UNKNOWN) {
            gathered = ByteBuffer.allocate(FIRST_CAPACITY);
        } else if (engine.writer.isLarge(length)) {
            sink = writes.beginLarge(key, length);
        } else {
            gathered = ByteBuffer.allocate((int) length);
        }
    }

    /** Bytes still missing; how many more there may be, if the length was not given. */
    public long remaining() {
        if (sink != null) {
            return sink.remaining();
        }
        return length == UNKNOWN ? Store.MAX_VALUE_LENGTH - gathered.position() : gathered.remaining();
    }

    /**
     * How many bytes are best written next, if there are so many: up to a multiple of 256 KiB in the file, so that the page cache
     * holds the value in large blocks, which cost less when it is sent. Any other number does as well.
     */
    public int pieceLength() {
        return sink == null ? ValueSink.PIECE_LENGTH : sink.pieceLength();
    }

    /**
     * Takes as much as is still missing, at most all of the buffer; returns how much.
     *
     * @throws StoreFullException if the length was not given and there is no room for more
     */
    @Override
    public int write(ByteBuffer source) throws IOException {
        checkOpen();
        int count = (int) Math.min(source.remaining(), remaining());
        ByteBuffer part = source.slice(source.position(), count);
        makeRoom(count);
        if (sink == null) {
            gathered.put(part);
        } else {
            try {
                sink.write(MemorySegment.ofBuffer(part));
                PageFaults.deliver();
            } catch (IllegalStateException released) {
                throw storeClosed(released);
            } catch (InternalError e) {
                throw engine.pageLost(e);
            } catch (IOException e) {
                throw engine.isClosed() ? storeClosed(e) : StoreException.of("writing to " + engine.path, e);
            }
        }
        source.position(source.position() + count);
        return count;
    }

    /** Of a value of unknown length: has room for so many more bytes gathered, or goes over to a file. */
    private void makeRoom(int count) throws IOException {
        if (sink != null || gathered.remaining() >= count) {
            return;
        }
        long needed = (long) gathered.position() + count;
        gathered.flip();
        if (engine.writer.isLarge(needed)) {
            sink = writes.beginGrowing(key);
            sink.write(MemorySegment.ofBuffer(gathered));
            gathered = null;
        } else {
            long capacity = Math.min(engine.writer.smallestLargeLength(), Math.max(needed, 2L * gathered.capacity()));
            gathered = ByteBuffer.allocate((int) capacity).put(gathered);
        }
    }

    /**
     * Reads once from a channel.
     *
     * @param limit at most this many bytes, and never more than {@link #remaining()}
     * @return the bytes read; 0 if a non-blocking channel has none, -1 at its end
     * @throws IOException if the channel fails
     */
    public int readFrom(ReadableByteChannel source, int limit) throws IOException {
        return read(source, limit, false);
    }

    /**
     * The same, but where the value is large and its length was given, straight into the mapped file. That is one copy less and
     * takes longer all the same: the pages have to be zeroed and faulted in first. For comparison.
     */
    public int readIntoMapping(ReadableByteChannel source, int limit) throws IOException {
        return read(source, limit, true);
    }

    private int read(ReadableByteChannel source, int limit, boolean intoMapping) throws IOException {
        checkOpen();
        if (sink == null && length == UNKNOWN && !gathered.hasRemaining()) {
            makeRoom(1);
        }
        if (sink == null) {
            int count = Math.min(limit, gathered.remaining());
            ByteBuffer part = gathered.slice(gathered.position(), count);
            int read = source.read(part);
            if (read > 0) {
                gathered.position(gathered.position() + read);
            }
            return read;
        }
        try {
            int read = intoMapping ? sink.readIntoMapping(source, limit) : sink.readFrom(source, limit);
            PageFaults.deliver();
            return read;
        } catch (IllegalStateException released) {
            throw storeClosed(released);
        } catch (InternalError e) {
            throw engine.pageLost(e);
        }
    }

    /**
     * Takes what is in a pipe, which goes to the file without passing through this process; see {@link SplicePipe}.
     *
     * @return how many bytes, or -1 if this value or this system cannot do so and the pipe is as it was
     */
    public long spliceFrom(SplicePipe source) throws IOException {
        checkOpen();
        if (sink == null) {
            return -1;
        }
        try {
            long moved = sink.spliceFrom(source.pipe());
            PageFaults.deliver();
            return moved;
        } catch (IllegalStateException released) {
            throw storeClosed(released);
        } catch (InternalError e) {
            throw engine.pageLost(e);
        }
    }

    /**
     * Stores the value, which never expires, whether the key is present or not.
     *
     * @throws IllegalStateException if bytes of it are still missing
     */
    public void commit() {
        commit(WriteOptions.defaults());
    }

    /**
     * Stores the value as the options say; returns whether their condition held. If not, the bytes are dropped.
     *
     * @throws IllegalStateException if bytes of the value are still missing
     */
    public boolean commit(WriteOptions options) {
        if (!open) {
            throw new StoreClosedException("the value was committed or closed before");
        }
        if (length != UNKNOWN && remaining() != 0) {
            throw new IllegalStateException(remaining() + " bytes of the value are still missing");
        }
        open = false;
        engine.checkOpen();
        long expiryMillis = options.expiryMillis(engine.expiry);
        Durability required = options.durabilityOr(durability);
        if (sink != null) {
            return writes.commit(sink, expiryMillis, options.precondition(), required);
        }
        MemorySegment value = MemorySegment.ofArray(gathered.array()).asSlice(0, gathered.position());
        return writes.put(key, 0, key.length, value, expiryMillis, options.precondition(), required);
    }

    private StoreClosedException storeClosed(Exception cause) {
        StoreClosedException closed = new StoreClosedException(engine.path + " is closed");
        closed.initCause(cause);
        return closed;
    }

    private void checkOpen() throws ClosedChannelException {
        if (!open) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    /** Without a commit before it, drops everything written. */
    @Override
    public void close() {
        if (!open) {
            return;
        }
        open = false;
        if (sink != null) {
            try {
                sink.close();
            } catch (IOException e) {
                throw StoreException.of("dropping an unfinished value in " + engine.path, e);
            }
        }
    }
}
