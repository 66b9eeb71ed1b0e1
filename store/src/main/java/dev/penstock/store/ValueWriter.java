package dev.penstock.store;

import dev.penstock.store.internal.engine.OwnerEngine;
import dev.penstock.store.internal.engine.UnfinishedValue;
import dev.penstock.store.internal.engine.WritePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * Writes one value in pieces, from {@link Store#putStream(byte[], long)}. A large value goes straight to a separate
 * file and is never in memory as a whole. Readers see nothing of it before the commit. If the writer is closed, or the
 * process dies, without a commit, the value is dropped.
 *
 * <p>If {@code write} or {@code readFrom} throws an exception, bytes may be missing. The writer then takes no more
 * bytes and does not commit: close it, and write the value anew.
 *
 * <p>Not thread-safe, but may be passed from thread to thread.
 */
public final class ValueWriter extends UnfinishedValue implements WritableByteChannel {

    /** The store's. */
    private final Durability durability;

    /** For a value of unknown length. */
    ValueWriter(OwnerEngine engine, WritePath writes, Durability durability, byte[] key) {
        this(engine, writes, durability, key, UNKNOWN);
    }

    ValueWriter(OwnerEngine engine, WritePath writes, Durability durability, byte[] key, long length) {
        super(engine, writes, key, length);
        this.durability = durability;
    }

    /**
     * Returns how much may follow.
     *
     * @return bytes still missing or, if the length was not given, the number of bytes that may still follow
     */
    public long remaining() {
        return missing();
    }

    /**
     * Writes bytes of the buffer, up to the number that is still missing; returns how many.
     *
     * @throws StoreFullException if there is no space for more
     * @throws StoreIoException if the file fails, or an earlier call has failed
     * @throws ClosedChannelException if the writer is closed
     */
    @Override
    public int write(ByteBuffer source) throws IOException {
        return append(source);
    }

    /**
     * Reads once from a channel.
     *
     * @param source the channel
     * @param limit at most this many bytes, and never more than {@link #remaining()}
     * @return the bytes read; 0 if a non-blocking channel has none, -1 at its end
     * @throws IOException if the channel fails, as a {@link ClosedChannelException} if this writer is closed
     * @throws StoreFullException if there is no space for more
     * @throws StoreIoException if the file fails, or an earlier call has failed
     */
    public int readFrom(ReadableByteChannel source, int limit) throws IOException {
        return receive(source, limit);
    }

    /**
     * Commits the value without expiry, replacing any value of the key.
     *
     * @throws IllegalStateException if bytes of it are still missing
     * @throws StoreFullException if there is no space for the value, or was none for a part of it
     * @throws StoreIoException if a file fails, or a part of the value could not be read or written
     */
    public void commit() {
        commit(WriteOptions.defaults());
    }

    /**
     * Commits the value with options. If their condition does not hold, the value is dropped.
     *
     * @param options expiry, condition and durability of the write
     * @return whether the condition held and the value is stored
     * @throws IllegalStateException if bytes of the value are still missing
     * @throws StoreFullException if there is no space for the value, or was none for a part of it
     * @throws StoreIoException if a file fails, or a part of the value could not be read or written
     */
    public boolean commit(WriteOptions options) {
        checkComplete();
        return publish(options.expiryMillis(engine().expiry), options.precondition(), options.durabilityOr(durability));
    }

    @Override
    public boolean isOpen() {
        return isPending();
    }

    /** Drops the value unless it was committed. */
    @Override
    public void close() {
        drop();
    }
}
