package dev.penstock.typed;

import dev.penstock.store.WriteOptions;
import java.util.AbstractCollection;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A typed store as a map; {@link TypedStore#asMap} says what it promises. It has no state besides the store. A change
 * that depends on the current value is a loop: read the value and its version, then write if the version is unchanged.
 *
 * <p>Views are live, and others write meanwhile: a spliterator claims neither a size nor that its elements are
 * distinct.
 *
 * <p>Methods that take any object cast it to the type of a key, without a check: the codec throws {@link
 * ClassCastException} if it is none, as the methods of {@link Map} may.
 */
final class TypedMap<K, V> extends AbstractMap<K, V> implements ConcurrentMap<K, V> {

    private static final long ABSENT = 0;

    private final TypedStore<K, V> store;

    TypedMap(TypedStore<K, V> store) {
        this.store = store;
    }

    @SuppressWarnings("unchecked") // the codec casts it, see above
    private K key(@Nullable Object key) {
        return (K) Objects.requireNonNull(key, "key");
    }

    @Override
    public int size() {
        return (int) Math.min(Integer.MAX_VALUE, store.store().count());
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return store.contains(key(key));
    }

    @Override
    public boolean containsValue(@Nullable Object value) {
        return super.containsValue(Objects.requireNonNull(value, "value"));
    }

    @Override
    public @Nullable V get(@Nullable Object key) {
        return store.get(key(key));
    }

    @Override
    public V getOrDefault(@Nullable Object key, V defaultValue) {
        V value = get(key);
        return value == null ? defaultValue : value;
    }

    @Override
    public @Nullable V put(K key, V value) {
        Objects.requireNonNull(value, "value");
        for (; ; ) {
            TypedEntry<K, V> current = store.getEntry(key);
            long version = current == null ? ABSENT : current.version();
            if (store.put(key, value, WriteOptions.defaults().ifVersion(version))) {
                return valueOf(current);
            }
        }
    }

    private @Nullable V valueOf(@Nullable TypedEntry<K, V> entry) {
        return entry == null ? null : entry.value();
    }

    @Override
    public @Nullable V putIfAbsent(K key, V value) {
        for (; ; ) {
            if (store.putIfAbsent(key, value)) {
                return null;
            }
            V current = store.get(key);
            if (current != null) {
                return current;
            }
        }
    }

    @Override
    public @Nullable V remove(@Nullable Object key) {
        for (; ; ) {
            TypedEntry<K, V> current = store.getEntry(key(key));
            if (current == null || store.removeUnchanged(current)) {
                return valueOf(current);
            }
        }
    }

    @Override
    public boolean remove(@Nullable Object key, @Nullable Object value) {
        for (; ; ) {
            TypedEntry<K, V> current = store.getEntry(key(key));
            if (current == null || !current.value().equals(value)) {
                return false;
            }
            if (store.removeUnchanged(current)) {
                return true;
            }
        }
    }

    @Override
    public @Nullable V replace(K key, V value) {
        Objects.requireNonNull(value, "value");
        for (; ; ) {
            TypedEntry<K, V> current = store.getEntry(key);
            if (current == null || store.putUnchanged(key, value, current)) {
                return valueOf(current);
            }
        }
    }

    @Override
    public boolean replace(K key, V oldValue, V newValue) {
        Objects.requireNonNull(oldValue, "oldValue");
        Objects.requireNonNull(newValue, "newValue");
        for (; ; ) {
            TypedEntry<K, V> current = store.getEntry(key);
            if (current == null || !current.value().equals(oldValue)) {
                return false;
            }
            if (store.putUnchanged(key, newValue, current)) {
                return true;
            }
        }
    }

    @Override
    public @Nullable V compute(
            K key, BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> remappingFunction) {
        Objects.requireNonNull(remappingFunction, "remappingFunction");
        return store.compute(key, value -> remappingFunction.apply(key, value));
    }

    @Override
    public @Nullable V computeIfAbsent(K key, Function<? super K, ? extends @Nullable V> mappingFunction) {
        Objects.requireNonNull(mappingFunction, "mappingFunction");
        V current = store.get(key);
        if (current != null) {
            return current;
        }
        V computed = mappingFunction.apply(key);
        if (computed == null) {
            return null;
        }
        V earlier = putIfAbsent(key, computed);
        return earlier == null ? computed : earlier;
    }

    @Override
    public @Nullable V computeIfPresent(
            K key, BiFunction<? super K, ? super V, ? extends @Nullable V> remappingFunction) {
        Objects.requireNonNull(remappingFunction, "remappingFunction");
        return store.compute(key, value -> value == null ? null : remappingFunction.apply(key, value));
    }

    @Override
    public @Nullable V merge(
            K key, V value, BiFunction<? super V, ? super V, ? extends @Nullable V> remappingFunction) {
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(remappingFunction, "remappingFunction");
        return store.compute(key, current -> current == null ? value : remappingFunction.apply(current, value));
    }

    @Override
    public void clear() {
        store.store().clear();
    }

    /**
     * Replaces each value as of this moment that is not removed meanwhile, once. A value is taken for unchanged by its
     * version: by {@code equals}, the change of another writer to an equal value would be lost, and two arrays are
     * never equal.
     */
    @Override
    public void replaceAll(BiFunction<? super K, ? super V, ? extends V> function) {
        Objects.requireNonNull(function, "function");
        try (TypedEntries<K, V> entries = store.entries()) {
            entries.forEachSound(entry -> replace(entry, function));
        }
    }

    private void replace(TypedEntry<K, V> entry, BiFunction<? super K, ? super V, ? extends V> function) {
        TypedEntry<K, V> current = entry;
        while (current != null) {
            V value = Objects.requireNonNull(function.apply(current.key(), current.value()), "value");
            current = store.putUnchanged(current.key(), value, current) ? null : store.soundEntry(current.key());
        }
    }

    private static <E> Spliterator<E> spliterator(Iterator<E> elements) {
        return Spliterators.spliteratorUnknownSize(elements, Spliterator.CONCURRENT | Spliterator.NONNULL);
    }

    @Override
    public Collection<V> values() {
        return new Values();
    }

    @Override
    public Set<K> keySet() {
        return new KeySet();
    }

    @Override
    public Set<Entry<K, V>> entrySet() {
        return new EntrySet();
    }

    /** Walks along keys without decoding values. */
    private final class KeySet extends AbstractSet<K> {

        @Override
        public Iterator<K> iterator() {
            return new ScanIterator<>(store.store(), (key, _) -> store.key(key), TypedMap.this::remove);
        }

        @Override
        public Spliterator<K> spliterator() {
            return TypedMap.spliterator(iterator());
        }

        @Override
        public boolean contains(@Nullable Object key) {
            return containsKey(key);
        }

        @Override
        public boolean remove(@Nullable Object key) {
            return store.remove(key(key));
        }

        @Override
        public int size() {
            return TypedMap.this.size();
        }

        @Override
        public void clear() {
            TypedMap.this.clear();
        }
    }

    private final class EntrySet extends AbstractSet<Entry<K, V>> {

        @Override
        public Iterator<Entry<K, V>> iterator() {
            return new ScanIterator<>(
                    store.store(),
                    (key, view) -> new WritableEntry(store.entry(key, view)),
                    entry -> TypedMap.this.remove(entry.getKey()));
        }

        @Override
        public Spliterator<Entry<K, V>> spliterator() {
            return TypedMap.spliterator(iterator());
        }

        @Override
        public boolean contains(@Nullable Object object) {
            return object instanceof Entry<?, ?> entry
                    && entry.getKey() != null
                    && Objects.equals(get(entry.getKey()), entry.getValue())
                    && entry.getValue() != null;
        }

        @Override
        public boolean remove(@Nullable Object object) {
            return object instanceof Entry<?, ?> entry
                    && entry.getKey() != null
                    && TypedMap.this.remove(entry.getKey(), entry.getValue());
        }

        @Override
        public int size() {
            return TypedMap.this.size();
        }

        @Override
        public void clear() {
            TypedMap.this.clear();
        }
    }

    private final class Values extends AbstractCollection<V> {

        @Override
        public Iterator<V> iterator() {
            Iterator<Entry<K, V>> entries = entrySet().iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return entries.hasNext();
                }

                @Override
                public V next() {
                    return entries.next().getValue();
                }

                @Override
                public void remove() {
                    entries.remove();
                }
            };
        }

        @Override
        public Spliterator<V> spliterator() {
            return TypedMap.spliterator(iterator());
        }

        @Override
        public boolean contains(@Nullable Object value) {
            return containsValue(value);
        }

        @Override
        public int size() {
            return TypedMap.this.size();
        }

        @Override
        public void clear() {
            TypedMap.this.clear();
        }
    }

    /** The entry of one moment, whose value can be replaced in the store. */
    private final class WritableEntry extends SimpleEntry<K, V> {

        private static final long serialVersionUID = 1L;

        WritableEntry(TypedEntry<K, V> entry) {
            super(entry.key(), entry.value());
        }

        @Override
        public V setValue(V value) {
            put(getKey(), value);
            return super.setValue(value);
        }
    }
}
