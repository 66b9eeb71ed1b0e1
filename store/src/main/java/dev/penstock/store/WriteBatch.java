package dev.penstock.store;

import dev.penstock.store.internal.write.Batch;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Changes to several keys that {@link Store#write} makes together: after a crash all of them are there or none.
 *
 * <p>While the store is open a batch is atomic for writers, who come before it or after it on every key. Readers take no
 * locks and may see some of its changes before the others, unless they read by {@link ConsistentRead}. Where a key is changed more than once, the last change holds.
 *
 * <p>The keys and values are not copied before the batch is written, and must not change until then. All that is not a
 * large value must fit one segment. One thread at a time; a batch may be written again, or cleared and filled anew.
 */
public final class WriteBatch {

    private final Batch batch = new Batch();

    /** Adds the storing of a value. */
    public WriteBatch put(byte[] key, byte[] value) {
        return put(key, MemorySegment.ofArray(value), Store.NO_EXPIRY);
    }

    /** Adds the storing of a value that expires; see {@link Store#put(byte[], byte[], long)}. */
    public WriteBatch put(byte[] key, byte[] value, long expiryMillis) {
        return put(key, MemorySegment.ofArray(value), expiryMillis);
    }

    /** See {@link #put(byte[], byte[])}. */
    public WriteBatch put(ByteBuffer key, ByteBuffer value) {
        return put(Keys.of(key), MemorySegment.ofBuffer(value), Store.NO_EXPIRY);
    }

    /** See {@link #put(byte[], byte[], long)}. */
    public WriteBatch put(byte[] key, MemorySegment value, long expiryMillis) {
        Keys.checkLength(key.length);
        Writes.checkValueLength(value.byteSize());
        Writes.checkExpiry(expiryMillis);
        batch.put(key, value, expiryMillis);
        return this;
    }

    /** Adds the removal of a key; one that is absent is no error. */
    public WriteBatch remove(byte[] key) {
        Keys.checkLength(key.length);
        batch.remove(key);
        return this;
    }

    /**
     * Makes the whole batch depend on a key's current record, whether the batch changes that key or not.
     *
     * @param sequence as {@link ValueView#sequence} gave it; 0 if the key is to be absent
     */
    public WriteBatch expect(byte[] key, long sequence) {
        Keys.checkLength(key.length);
        batch.expect(key, sequence);
        return this;
    }

    /** Number of changes. */
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
