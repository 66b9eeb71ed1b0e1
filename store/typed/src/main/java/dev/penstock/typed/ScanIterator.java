package dev.penstock.typed;

import dev.penstock.store.Store;
import dev.penstock.store.ValueView;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Iterates over a store by {@link Store#scan}, a few entries at a time, and holds nothing of it in between. An entry
 * that cannot be decoded throws from {@link #next}, which then goes on behind it. One thread at a time.
 */
final class ScanIterator<E> implements Iterator<E> {

    /** One bucket of the store's index, or more if it is empty. */
    private static final int LEAST_ENTRIES = 1;

    private static final long BEGIN = 0;
    private static final long END = 0;

    private final Store store;
    private final BiFunction<byte[], ValueView, E> decode;
    private final Consumer<? super E> remove;
    private final Deque<Step<E>> ahead = new ArrayDeque<>();
    private long cursor = BEGIN;
    private boolean isComplete;
    private @Nullable E last;

    /** What {@link #next} returns, or what it throws. */
    private record Step<E>(@Nullable E element, @Nullable UndecodableException problem) {}

    /**
     * Begins an iteration.
     *
     * @param decode makes an element of a key and its value
     * @param remove removes an element from the store
     */
    ScanIterator(Store store, BiFunction<byte[], ValueView, E> decode, Consumer<? super E> remove) {
        this.store = store;
        this.decode = decode;
        this.remove = remove;
    }

    @Override
    public boolean hasNext() {
        while (ahead.isEmpty() && !isComplete) {
            cursor = store.scan(cursor, LEAST_ENTRIES, (key, value) -> ahead.add(step(key, value)));
            isComplete = cursor == END;
        }
        return !ahead.isEmpty();
    }

    private Step<E> step(byte[] key, ValueView value) {
        try {
            return new Step<>(decode.apply(key, value), null);
        } catch (UndecodableException e) {
            return new Step<>(null, e);
        }
    }

    @Override
    public E next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Step<E> step = ahead.remove();
        last = step.element();
        if (last == null) {
            throw step.problem() == null ? new IllegalStateException("no element") : step.problem();
        }
        return last;
    }

    @Override
    public void remove() {
        if (last == null) {
            throw new IllegalStateException("next was not called, or remove was called after it already");
        }
        remove.accept(last);
        last = null;
    }
}
