package dev.penstock.typed;

/**
 * A key, its value and the version of the value.
 *
 * @param key the key
 * @param value the value
 * @param version for {@link dev.penstock.store.WriteOptions#ifVersion}; always positive
 * @param <K> type of the key
 * @param <V> type of the value
 */
public record TypedEntry<K, V>(K key, V value, long version) {}
