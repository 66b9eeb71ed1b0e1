package dev.penstock.store;

import dev.penstock.store.internal.engine.OwnerEngine;
import dev.penstock.store.internal.engine.UnfinishedValue;
import dev.penstock.store.internal.engine.WritePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * One value on its way in, from {@link Store#putStream(byte[], long)}. A large one goes straight into a file of its own, and is never
 * in memory as a whole. Nothing is seen of it before a commit; closed without one, it vanishes, as it does in a crash.
 *
 * <p>Not thread-safe, but may be handed from thread to thread.
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

    /** Bytes still missing; how many more there may be, if the length was not given. */
    public long remaining() {
        return missing();
    }

    /**
     * Takes as much as is still missing, at most all of the buffer; returns how much.
     *
     * @throws StoreFullException if the length was not given and there is no room for more
     */
    @Override
    public int write(ByteBuffer source) throws IOException {
        return append(source);
    }

    /**
     * Reads once from a channel.
     *
     * @param limit at most this many bytes, and never more than {@link #remaining()}
     * @return the bytes read; 0 if a non-blocking channel has none, -1 at its end
     * @throws IOException if the channel fails
     */
    public int readFrom(ReadableByteChannel source, int limit) throws IOException {
        return receive(source, limit);
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
        checkComplete();
        return publish(options.expiryMillis(engine().expiry), options.precondition(), options.durabilityOr(durability));
    }

    @Override
    public boolean isOpen() {
        return isPending();
    }

    /** Without a commit before it, drops everything written. */
    @Override
    public void close() {
        drop();
    }
}
