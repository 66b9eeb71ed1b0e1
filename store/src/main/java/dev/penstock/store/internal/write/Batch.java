package dev.penstock.store.internal.write;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Writes that are to take place together, and what they expect. One thread at a time. */
public final class Batch {

    /** What a batch does to a key: gives it a value, or removes it if there is none. */
    static final class Change {
        final byte[] key;
        final MemorySegment value;
        final long expiryMillis;

        Change(byte[] key, MemorySegment value, long expiryMillis) {
            this.key = key;
            this.value = value;
            this.expiryMillis = expiryMillis;
        }

        boolean isRemoval() {
            return value == null;
        }
    }

    /** The sequence that a key's current record must have; 0 if the key must be absent. */
    static final class Expectation {
        final byte[] key;
        final long sequence;

        Expectation(byte[] key, long sequence) {
            this.key = key;
            this.sequence = sequence;
        }
    }

    final List<Change> changes = new ArrayList<>();
    final List<Expectation> expectations = new ArrayList<>();

    public void put(byte[] key, MemorySegment value, long expiryMillis) {
        changes.add(new Change(key, value, expiryMillis));
    }

    public void remove(byte[] key) {
        changes.add(new Change(key, null, 0));
    }

    public void expect(byte[] key, long sequence) {
        expectations.add(new Expectation(key, sequence));
    }

    public void clear() {
        changes.clear();
        expectations.clear();
    }

    /** Number of keys that are written, counted as often as they are. */
    public int size() {
        return changes.size();
    }
}
