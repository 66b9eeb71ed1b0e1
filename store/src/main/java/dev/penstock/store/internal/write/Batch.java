package dev.penstock.store.internal.write;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes that take effect together, and their preconditions. One thread at a time. */
public final class Batch {

    /** A change of a key: a new value, or null to remove it. */
    static final class Change {
        final byte[] key;
        final @Nullable MemorySegment value;
        /** Of the epoch; from the write on, if it is relative. */
        final long expiryMillis;

        final boolean isRelative;

        Change(byte[] key, @Nullable MemorySegment value, long expiryMillis, boolean isRelative) {
            this.key = key;
            this.value = value;
            this.expiryMillis = expiryMillis;
            this.isRelative = isRelative;
        }
    }

    /** What must hold of a key's current record. */
    static final class Expectation {
        final byte[] key;
        final Precondition precondition;

        Expectation(byte[] key, Precondition precondition) {
            this.key = key;
            this.precondition = precondition;
        }
    }

    final List<Change> changes = new ArrayList<>();
    final List<Expectation> expectations = new ArrayList<>();
    /** What the store's mark becomes; null if it stays. */
    byte @Nullable [] mark;

    /** @param isRelative whether the expiry counts from the write on, and not from the epoch */
    public void put(byte[] key, MemorySegment value, long expiryMillis, boolean isRelative) {
        changes.add(new Change(key, value, expiryMillis, isRelative));
    }

    public void remove(byte[] key) {
        changes.add(new Change(key, null, 0, false));
    }

    public void expect(byte[] key, Precondition precondition) {
        expectations.add(new Expectation(key, precondition));
    }

    public void mark(byte[] bytes) {
        mark = bytes.clone();
    }

    public void clear() {
        changes.clear();
        expectations.clear();
        mark = null;
    }

    /** Whether it changes neither a key nor the mark. */
    boolean isEmpty() {
        return changes.isEmpty() && mark == null;
    }

    /** Number of keys that are written, counted as often as they are. */
    public int size() {
        return changes.size();
    }
}
