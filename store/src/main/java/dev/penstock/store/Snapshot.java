package dev.penstock.store;

import dev.penstock.store.internal.engine.Engine;
import dev.penstock.store.internal.read.ReadPath;
import dev.penstock.store.internal.snapshot.PointInTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A store as it was at one moment, from {@link Store#snapshot()}. It does not show later writes, removals, expiries or
 * compactions. It holds a copy of the key directory, some 13 bytes per key outside the heap, and the files of that
 * moment: the space of values that are removed or compacted is released when the snapshot is closed. So close it, best
 * by try-with-resources.
 *
 * <p>Thread-safe. Its views stay valid after it is closed, until they or the store are closed. Every other use of a
 * closed snapshot throws {@link StoreClosedException}.
 */
public final class Snapshot implements AutoCloseable {

    private final Engine engine;
    private final PointInTime point;
    private final ReadPath reads;

    Snapshot(Engine engine, PointInTime point, boolean verifyOnRead) {
        this.engine = engine;
        this.point = point;
        InstantSource thatMoment = InstantSource.fixed(Instant.ofEpochMilli(engine.expiry.now()));
        this.reads = new ReadPath(engine.reading, point, engine.expiry.at(thatMoment, point.segments()), verifyOnRead);
    }

    PointInTime point() {
        return point;
    }

    /**
     * Returns the value that a key had.
     *
     * @param key the key
     * @return the value, to be closed; null if the key was absent
     */
    public @Nullable ValueView get(byte[] key) {
        ValueView view = new ValueView();
        return get(key, view) ? view : null;
    }

    /**
     * Points a view at the value that a key had; see {@link Store#get(byte[], ValueView)}.
     *
     * @param key the key
     * @param view a view, open or closed; closed afterwards if the key is absent
     * @return whether the key was present
     */
    public boolean get(byte[] key, ValueView view) {
        return get(key, 0, key.length, view);
    }

    /**
     * Returns the value that a key had, as {@link #get(byte[])} does.
     *
     * @param key the key
     * @return the value, to be closed; null if the key was absent
     */
    public @Nullable ValueView get(Key key) {
        ValueView view = new ValueView();
        return get(key, view) ? view : null;
    }

    /**
     * Points a view at the value that a key had, as {@link #get(byte[], ValueView)} does.
     *
     * @param key the key
     * @param view a view, open or closed; closed afterwards if the key is absent
     * @return whether the key was present
     */
    public boolean get(Key key, ValueView view) {
        return get(key.array(), key.offset(), key.length(), view);
    }

    private boolean get(byte[] key, int offset, int length, ValueView view) {
        return used(() -> reads.get(key, offset, length, view));
    }

    /** Runs a read that needs the snapshot's files. A concurrent close keeps them until the read is done. */
    private <T> T used(Supplier<T> read) {
        engine.checkOpen();
        point.beginUse();
        try {
            return read.get();
        } finally {
            point.endUse();
        }
    }

    /**
     * Returns a copy of the value that a key had.
     *
     * @param key the key
     * @return a new array; null if the key was absent
     * @throws IllegalArgumentException if the value is too long for an array
     */
    public byte @Nullable [] getBytes(byte[] key) {
        return getBytes(key, 0, key.length);
    }

    /**
     * Returns a copy of the value that a key had, as {@link #getBytes(byte[])} does.
     *
     * @param key the key
     * @return a new array; null if the key was absent
     * @throws IllegalArgumentException if the value is too long for an array
     */
    public byte @Nullable [] getBytes(Key key) {
        return getBytes(key.array(), key.offset(), key.length());
    }

    private byte @Nullable [] getBytes(byte[] key, int offset, int length) {
        try (ValueView view = new ValueView()) {
            return get(key, offset, length, view) ? view.toByteArray() : null;
        }
    }

    /**
     * Looks a key up without its value.
     *
     * @param key the key
     * @return whether the key was present
     */
    public boolean contains(byte[] key) {
        return used(() -> reads.contains(key, 0, key.length));
    }

    /**
     * Looks a key up without its value, as {@link #contains(byte[])} does.
     *
     * @param key the key
     * @return whether the key was present
     */
    public boolean contains(Key key) {
        return used(() -> reads.contains(key.array(), key.offset(), key.length()));
    }

    /** {@return the number of keys, including expired ones that were not yet removed} */
    public long count() {
        return used(() -> point.directory().count());
    }

    /**
     * Returns every entry once, in the order in which they were written. Compaction rewrites the records that it moves.
     *
     * @return the entries, to be closed
     */
    public EntryWalk entries() {
        engine.checkOpen();
        return entries(() -> {});
    }

    /** @param release run when the entries are closed */
    EntryWalk entries(Runnable release) {
        return new EntryWalk(new EntryCursor(engine, point, reads), release);
    }

    /**
     * Visits every entry once, in the order of {@link #entries()}.
     *
     * @param visitor called for each entry, on this thread
     */
    public void forEach(EntryVisitor visitor) {
        try (EntryCursor cursor = new EntryCursor(engine, point, reads)) {
            Runnable visit = () -> visitor.visit(cursor.key(), cursor.value());
            while (cursor.next()) {
                cursor.value().lendTo(visit);
            }
        }
    }

    /** Releases the snapshot's memory and files. Closing a closed snapshot does nothing. */
    @Override
    public void close() {
        point.close();
    }
}
