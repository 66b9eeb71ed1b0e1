package dev.penstock.typed;

import dev.penstock.store.WriteBatch;
import dev.penstock.store.WriteOptions;

/**
 * Changes to several keys that {@link TypedStore#write(TypedBatch)} applies together: after a crash, all or none. See
 * {@link WriteBatch}, whose rules hold here too. Keys and values are encoded when they are added. One thread at a time.
 *
 * @param <K> type of the keys
 * @param <V> type of the values
 */
public final class TypedBatch<K, V> {

    private final WriteBatch batch = new WriteBatch();
    private final TypedStore<K, V> store;

    TypedBatch(TypedStore<K, V> store) {
        this.store = store;
    }

    /**
     * Adds a put of a value that never expires.
     *
     * @param key the key
     * @param value the value
     * @return this batch
     */
    public TypedBatch<K, V> put(K key, V value) {
        return put(key, value, WriteOptions.defaults());
    }

    /**
     * Adds a put with options. Their condition applies to the whole batch.
     *
     * @param key the key
     * @param value the value
     * @param options an expiry and a condition
     * @return this batch
     * @throws IllegalArgumentException if the options keep an expiry, or have a durability
     */
    public TypedBatch<K, V> put(K key, V value, WriteOptions options) {
        batch.put(store.encodedKey(key), store.encodedValue(value), options);
        return this;
    }

    /**
     * Adds the removal of a key. An absent key is not an error.
     *
     * @param key the key
     * @return this batch
     */
    public TypedBatch<K, V> remove(K key) {
        return remove(key, WriteOptions.defaults());
    }

    /**
     * Adds a removal with options. Their condition applies to the whole batch.
     *
     * @param key the key
     * @param options a condition
     * @return this batch
     * @throws IllegalArgumentException if the options have an expiry or a durability, or require the key to be absent
     */
    public TypedBatch<K, V> remove(K key, WriteOptions options) {
        batch.remove(store.encodedKey(key), options);
        return this;
    }

    /**
     * Makes the whole batch depend on the version of a key's current value, whether the batch changes that key or not.
     *
     * @param key the key
     * @param version of a {@link TypedEntry}; 0 if the key must be absent
     * @return this batch
     */
    public TypedBatch<K, V> expectVersion(K key, long version) {
        batch.expectVersion(store.encodedKey(key), version);
        return this;
    }

    /** {@return the number of changes} */
    public int size() {
        return batch.size();
    }

    /** Empties the batch. */
    public void clear() {
        batch.clear();
    }

    WriteBatch batch() {
        return batch;
    }
}
