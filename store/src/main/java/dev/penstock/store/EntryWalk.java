package dev.penstock.store;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * All entries as of one moment, in the order in which they were written, from {@link Store#entries} or {@link
 * Snapshot#entries}. They are read from the files one at a time, so a walk can stop anywhere at no cost. Close them to
 * release their files and memory, best by try-with-resources:
 *
 * <pre>{@code
 * try (EntryWalk entries = store.entries()) {
 *     for (Entry entry : entries) {
 *         if (entry.value().length() > limit) {
 *             break;
 *         }
 *     }
 * }
 * }</pre>
 *
 * <p>The walk closes the value of an entry when it moves on; the methods of the value then throw {@link
 * StoreClosedException} and never return another entry's bytes. Copy the bytes that must outlive the step. The entries
 * can be walked once, by {@link #iterator} or by {@link #stream}, and by one thread at a time.
 */
public final class EntryWalk implements Iterable<Entry>, AutoCloseable {

    private final EntryCursor cursor;
    private final Runnable release;
    private boolean begun;

    /** @param release run when the entries are closed */
    EntryWalk(EntryCursor cursor, Runnable release) {
        this.cursor = cursor;
        this.release = release;
    }

    /**
     * Begins the walk. The iterator throws the exceptions of reading a value.
     *
     * @throws IllegalStateException if the walk was begun before
     */
    @Override
    public Iterator<Entry> iterator() {
        begin();
        return new Loop();
    }

    /**
     * Begins the walk as a stream. It is sequential and ordered, and closing it closes these entries.
     *
     * @return the entries
     * @throws IllegalStateException if the walk was begun before
     */
    public Stream<Entry> stream() {
        begin();
        return StreamSupport.stream(new Steps(), false).onClose(this::close);
    }

    private void begin() {
        if (begun) {
            throw new IllegalStateException("entries can be walked once; ask the store or the snapshot for new ones");
        }
        begun = true;
    }

    /** Looks for the next entry only when {@code hasNext} or {@code next} is called. */
    private final class Loop implements Iterator<Entry> {

        private boolean found;

        @Override
        public boolean hasNext() {
            found = found || cursor.next();
            return found;
        }

        @Override
        public Entry next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            found = false;
            return cursor.entry();
        }
    }

    /** Never splits: an entry is valid for one step only. */
    private final class Steps extends Spliterators.AbstractSpliterator<Entry> {

        Steps() {
            super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.DISTINCT | Spliterator.NONNULL);
        }

        @Override
        public boolean tryAdvance(Consumer<? super Entry> action) {
            if (!cursor.next()) {
                return false;
            }
            action.accept(cursor.entry());
            return true;
        }

        @Override
        public @Nullable Spliterator<Entry> trySplit() {
            return null;
        }
    }

    /**
     * Closes the value of the current entry and releases the files and memory of the walk. Closing again does nothing.
     */
    @Override
    public void close() {
        cursor.close();
        release.run();
    }
}
