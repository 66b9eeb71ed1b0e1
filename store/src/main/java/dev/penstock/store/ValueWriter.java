package dev.penstock.store;

import dev.penstock.store.internal.write.LargeValueSink;
import dev.penstock.store.internal.write.Precondition;
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

    private final Engine engine;
    private final Writes writes;
    /** Where a large value goes; null for one that is gathered in {@link #gathered}. */
    private final LargeValueSink sink;

    private final byte[] key;
    private final ByteBuffer gathered;
    private long expiryMillis = Store.NO_EXPIRY;
    private boolean open = true;

    ValueWriter(Engine engine, Writes writes, LargeValueSink sink) {
        this.engine = engine;
        this.writes = writes;
        this.sink = sink;
        this.key = null;
        this.gathered = null;
    }

    ValueWriter(Engine engine, Writes writes, byte[] key, int length) {
        this.engine = engine;
        this.writes = writes;
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
                throw engine.pageLost(e);
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
            throw engine.pageLost(e);
        }
    }

    /**
     * Gives the value an expiry before it is committed.
     *
     * @param millis of the epoch; {@link Store#NO_EXPIRY} for never
     */
    public void expireAt(long millis) {
        Writes.checkExpiry(millis);
        expiryMillis = millis;
    }

    /**
     * Stores the value.
     *
     * @throws IllegalStateException if bytes of it are still missing
     */
    public void commit() {
        commit(Precondition.NONE);
    }

    /** Stores the value if the key is absent, and tells whether it was; if not, the bytes are dropped. */
    public boolean commitIfAbsent() {
        return commit(Precondition.ABSENT);
    }

    /** Stores the value if the key is present, and tells whether it was; if not, the bytes are dropped. */
    public boolean commitIfPresent() {
        return commit(Precondition.PRESENT);
    }

    private boolean commit(Precondition precondition) {
        if (!open) {
            throw new StoreClosedException("the value was committed or closed before");
        }
        if (remaining() != 0) {
            throw new IllegalStateException(remaining() + " bytes of the value are still missing");
        }
        open = false;
        return sink != null
                ? writes.commit(sink, expiryMillis, precondition)
                : writes.put(key, 0, key.length, MemorySegment.ofArray(gathered.array()), expiryMillis, precondition);
    }

    private StoreClosedException storeClosed(IllegalStateException cause) {
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
