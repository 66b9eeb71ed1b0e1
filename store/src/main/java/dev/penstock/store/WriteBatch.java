package dev.penstock.store;

import dev.penstock.store.internal.format.Limits;
import dev.penstock.store.internal.write.Batch;
import dev.penstock.store.internal.write.Precondition;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Changes to several keys that {@link Store#write} applies together: after a crash, all or none.
 *
 * <p>A batch is atomic towards other writers: each write takes place before it or after it, for every key. Readers take
 * no locks and may see some of its changes before the others, unless they use {@link ConsistentRead}. If a key is
 * changed more than once, the last change holds.
 *
 * <p>Keys and values are not copied before the batch is written, and must not change until then. Except for large
 * values, the batch must fit one segment. One thread at a time. A batch may be written again, or cleared and reused.
 */
public final class WriteBatch {

    private final Batch batch = new Batch();

    /** Creates an empty batch. */
    public WriteBatch() {}

    /**
     * Adds a put of a value that never expires.
     *
     * @param key the key
     * @param value the value
     * @return this batch
     */
    public WriteBatch put(byte[] key, byte[] value) {
        return put(key, value, WriteOptions.defaults());
    }

    /**
     * Adds a put with options. Their condition applies to the whole batch: if it does not hold before the batch,
     * nothing is written.
     *
     * @param key the key
     * @param value the value
     * @param options an expiry and a condition
     * @return this batch
     * @throws IllegalArgumentException if the options keep an expiry, or have a durability: give that to {@link
     *     Store#write}
     */
    public WriteBatch put(byte[] key, byte[] value, WriteOptions options) {
        return add(key, MemorySegment.ofArray(value), options);
    }

    /**
     * Adds a put, as {@link #put(byte[], byte[], WriteOptions)} does.
     *
     * @param key the key
     * @param value the value
     * @param options an expiry and a condition
     * @return this batch
     */
    public WriteBatch put(byte[] key, MemorySegment value, WriteOptions options) {
        return add(key, value, options);
    }

    /**
     * Adds a put, as {@link #put(byte[], byte[], WriteOptions)} does, and copies the key.
     *
     * @param key the key
     * @param value the value
     * @param options an expiry and a condition
     * @return this batch
     */
    public WriteBatch put(Key key, byte[] value, WriteOptions options) {
        return add(key.toByteArray(), MemorySegment.ofArray(value), options);
    }

    /**
     * Adds a put, as {@link #put(byte[], byte[], WriteOptions)} does, and copies the key.
     *
     * @param key the key
     * @param value the value
     * @param options an expiry and a condition
     * @return this batch
     */
    public WriteBatch put(Key key, ByteBuffer value, WriteOptions options) {
        return add(key.toByteArray(), MemorySegment.ofBuffer(value), options);
    }

    /**
     * Adds a put, as {@link #put(byte[], byte[], WriteOptions)} does, and copies the key.
     *
     * @param key the key
     * @param value the value
     * @param options an expiry and a condition
     * @return this batch
     */
    public WriteBatch put(Key key, MemorySegment value, WriteOptions options) {
        return add(key.toByteArray(), value, options);
    }

    private WriteBatch add(byte[] key, MemorySegment value, WriteOptions options) {
        options.checkForBatch();
        Limits.checkKeyLength(key.length);
        Limits.checkValueLength(value.byteSize());
        batch.put(key, value, options.expiryMillis(), options.isRelative());
        return expect(key, options);
    }

    /**
     * Adds the removal of a key. An absent key is not an error.
     *
     * @param key the key
     * @return this batch
     */
    public WriteBatch remove(byte[] key) {
        return remove(key, WriteOptions.defaults());
    }

    /**
     * Adds the removal of a key, as {@link #remove(byte[])} does, and copies the key.
     *
     * @param key the key
     * @return this batch
     */
    public WriteBatch remove(Key key) {
        return remove(key.toByteArray());
    }

    /**
     * Adds a removal with options. Their condition applies to the whole batch, as for {@link #put(byte[], byte[],
     * WriteOptions)}.
     *
     * @param key the key
     * @param options a condition
     * @return this batch
     * @throws IllegalArgumentException if the options have an expiry or a durability, or require the key to be absent
     */
    public WriteBatch remove(byte[] key, WriteOptions options) {
        options.checkForKeyOnly("a removal");
        options.checkForBatch();
        Limits.checkKeyLength(key.length);
        batch.remove(key);
        return expect(key, options);
    }

    /**
     * Adds a removal, as {@link #remove(byte[], WriteOptions)} does, and copies the key.
     *
     * @param key the key
     * @param options a condition
     * @return this batch
     */
    public WriteBatch remove(Key key, WriteOptions options) {
        return remove(key.toByteArray(), options);
    }

    private WriteBatch expect(byte[] key, WriteOptions options) {
        if (options.isConditional()) {
            batch.expect(key, options.precondition());
        }
        return this;
    }

    /**
     * Makes the whole batch depend on the version of a key's current value, whether the batch changes that key or not.
     *
     * @param key the key
     * @param version as returned by {@link ValueView#version}; 0 if the key must be absent
     * @return this batch
     * @throws IllegalArgumentException if the version is negative
     */
    public WriteBatch expectVersion(byte[] key, long version) {
        Limits.checkKeyLength(key.length);
        batch.expect(key, Precondition.sequence(WriteOptions.checkVersion(version)));
        return this;
    }

    /**
     * Makes the whole batch depend on a version, as {@link #expectVersion(byte[], long)} does, and copies the key.
     *
     * @param key the key
     * @param version as returned by {@link ValueView#version}; 0 if the key must be absent
     * @return this batch
     * @throws IllegalArgumentException if the version is negative
     */
    public WriteBatch expectVersion(Key key, long version) {
        return expectVersion(key.toByteArray(), version);
    }

    /**
     * Adds the store's mark: a few bytes of the caller's own, such as how far it has come in a log that it applies.
     * The mark replaces the one before together with the changes of this batch, or not at all. A batch may have a mark
     * alone. The last mark given holds.
     *
     * @param mark 1 to 64 bytes, which are copied
     * @return this batch
     * @throws IllegalArgumentException if the mark is empty or longer
     * @see Store#mark
     */
    public WriteBatch mark(byte[] mark) {
        Limits.checkMarkLength(mark.length);
        batch.mark(mark);
        return this;
    }

    /** {@return the number of changes, without the mark} */
    public int size() {
        return batch.size();
    }

    /** Empties the batch. */
    public void clear() {
        batch.clear();
    }

    Batch batch() {
        return batch;
    }
}
