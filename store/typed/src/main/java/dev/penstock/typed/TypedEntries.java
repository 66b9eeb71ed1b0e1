package dev.penstock.typed;

import dev.penstock.store.Entry;
import dev.penstock.store.EntryWalk;
import java.util.Iterator;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * All entries of a store as of one moment, in the order in which they were written, from {@link TypedStore#entries}.
 * Each is read and decoded when the walk comes to it, so that a walk can stop anywhere at no cost. Close the entries to
 * release their files and memory:
 *
 * <pre>{@code
 * try (TypedEntries<String, Order> entries = orders.entries()) {
 *     for (TypedEntry<String, Order> entry : entries) {
 *         if (entry.value().isOverdue()) {
 *             break;
 *         }
 *     }
 * }
 * }</pre>
 *
 * <p>The entries can be walked once, by {@link #iterator} or by {@link #stream}, and by one thread at a time. The
 * objects that a walk returns stay valid. An entry that cannot be decoded throws {@link UndecodableException}; an
 * iterator can go on behind it.
 *
 * @param <K> type of the keys
 * @param <V> type of the values
 */
public final class TypedEntries<K, V> implements Iterable<TypedEntry<K, V>>, AutoCloseable {

    private final EntryWalk entries;
    private final TypedStore<K, V> store;

    TypedEntries(EntryWalk entries, TypedStore<K, V> store) {
        this.entries = entries;
        this.store = store;
    }

    /**
     * Begins the walk.
     *
     * @throws IllegalStateException if the walk was begun before
     */
    @Override
    public Iterator<TypedEntry<K, V>> iterator() {
        Iterator<Entry> steps = entries.iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return steps.hasNext();
            }

            @Override
            public TypedEntry<K, V> next() {
                return typed(steps.next());
            }
        };
    }

    /**
     * Begins the walk as a stream. It is sequential and ordered, and closing it closes these entries.
     *
     * @return the entries
     * @throws IllegalStateException if the walk was begun before
     */
    public Stream<TypedEntry<K, V>> stream() {
        return entries.stream().map(this::typed);
    }

    private TypedEntry<K, V> typed(Entry entry) {
        return store.entry(entry.key(), entry.value());
    }

    /** Goes through the entries whose values are verified, so that others can be made of them. */
    void forEachSound(Consumer<TypedEntry<K, V>> action) {
        for (Entry entry : entries) {
            entry.value().verify();
            action.accept(typed(entry));
        }
    }

    /** Releases the files and memory of the walk. Closing again does nothing. */
    @Override
    public void close() {
        entries.close();
    }
}
