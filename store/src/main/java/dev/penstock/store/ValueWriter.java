package dev.penstock.store;

import dev.penstock.store.internal.write.Condition;
import dev.penstock.store.internal.write.LargeValueSink;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * One value on its way in, from {@link Store#putStream}. A large one goes straight into its mapped file. Nothing is seen
 * of it before a commit; closed without one, it vanishes.
 *
 * <p>Not thread-safe, but may be handed from thread to thread.
 */
public final class ValueWriter implements WritableByteChannel {

    private final Store store;
    /** Where a large value goes; null for one that is gathered in {@link #gathered}. */
    private final LargeValueSink sink;

    private final byte[] key;
    private final ByteBuffer gathered;
    private boolean open = true;

    ValueWriter(Store store, LargeValueSink sink) {
        this.store = store;
        this.sink = sink;
        this.key = null;
        this.gathered = null;
    }

    ValueWriter(Store store, byte[] key, int length) {
        this.store = store;
        this.sink = null;
        this.key = key;
        this.gathered = ByteBuffer.allocate(length);
    }

    /** Bytes still missing. */
    public long remaining() {
        return sink != null ? sink.remaining() : gathered.remaining();
    }

    /** Takes as much as is still missing, at most all of the buffer; returns how much. */
    @Override
    public int write(ByteBuffer source) throws IOException {
        checkOpen();
        int count = (int) Math.min(source.remaining(), remaining());
        ByteBuffer part = source.slice(source.position(), count);
        if (sink == null) {
            gathered.put(part);
        } else {
            try {
                sink.write(MemorySegment.ofBuffer(part));
            } catch (IllegalStateException released) {
                throw storeClosed(released);
            } catch (InternalError e) {
                throw store.pageLost(e);
            }
        }
        source.position(source.position() + count);
        return count;
    }

    /**
     * Reads once from a channel, from a socket straight into the mapped file.
     *
     * @param limit at most this many bytes, and never more than {@link #remaining()}
     * @return the bytes read; 0 if a non-blocking channel has none, -1 at its end
     * @throws IOException if the channel fails
     */
    public int readFrom(ReadableByteChannel source, int limit) throws IOException {
        checkOpen();
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
            return sink.readFrom(source, limit);
        } catch (IllegalStateException released) {
            throw storeClosed(released);
        } catch (InternalError e) {
            throw store.pageLost(e);
        }
    }

    /**
     * Stores the value.
     *
     * @throws IllegalStateException if bytes of it are still missing
     */
    public void commit() {
        commit(Condition.NONE);
    }

    /** Stores the value if the key is absent, and tells whether it was; if not, the bytes are dropped. */
    public boolean commitIfAbsent() {
        return commit(Condition.IF_ABSENT);
    }

    /** Stores the value if the key is present, and tells whether it was; if not, the bytes are dropped. */
    public boolean commitIfPresent() {
        return commit(Condition.IF_PRESENT);
    }

    private boolean commit(Condition condition) {
        if (!open) {
            throw new StoreClosedException("the value was committed or closed before");
        }
        if (remaining() != 0) {
            throw new IllegalStateException(remaining() + " bytes of the value are still missing");
        }
        store.checkWritable();
        open = false;
        try {
            return sink != null ? store.commit(sink, condition) : store.commit(key, gathered.array(), condition);
        } catch (IOException e) {
            throw StoreException.of("writing to " + store.directory(), e);
        } catch (InternalError e) {
            throw store.pageLost(e);
        }
    }

    private StoreClosedException storeClosed(IllegalStateException cause) {
        StoreClosedException closed = new StoreClosedException(store.directory() + " is closed");
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
                throw StoreException.of("dropping an unfinished value in " + store.directory(), e);
            }
        }
    }
}
