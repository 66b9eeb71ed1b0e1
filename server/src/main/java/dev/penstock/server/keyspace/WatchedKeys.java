package dev.penstock.server.keyspace;

import dev.penstock.server.transfer.MemoryBudget;
import dev.penstock.server.turn.Turn;
import dev.penstock.store.Store;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys that a client watches, with their versions. A key has changed if its version is now different, or if it
 * expired since.
 */
public final class WatchedKeys implements AutoCloseable {

    /** Bytes of an entry without the key. */
    private static final int ENTRY_LENGTH = 160;

    private @Nullable TouchedKeys keys; // null while there are none
    private @Nullable MemoryBudget budget;
    private long reserved;

    /** @param memory what the keys are counted in */
    public void add(byte[] key, Store store, MemoryBudget memory) {
        if (keys == null) {
            keys = new TouchedKeys();
        }
        if (keys.find(key) != null) {
            return;
        }
        budget = memory;
        memory.reserveMore(key.length + ENTRY_LENGTH);
        reserved += key.length + ENTRY_LENGTH;
        long version = TransactionKeyspace.version(store, key);
        keys.add(key).version = version;
    }

    /** Goes through the keys and makes what a transaction commits depend on them. */
    public Guard guard(Store store, TransactionKeyspace keyspace) {
        return new Guard(store, keyspace);
    }

    /** Compares the keys with the store, a part of them at a time. */
    public VersionComparison comparison(Store store) {
        return new VersionComparison(store);
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return keys == null;
    }

    /** A comparison under way. The keys that were compared must not change until it is done. */
    public final class VersionComparison {

        private final Store store;
        private int next;
        private boolean changed;

        private VersionComparison(Store store) {
            this.store = store;
        }

        /** Compares so many keys; whether it is done: all are compared, or one has changed. */
        public boolean goOn(int most) {
            List<TouchedKey> all = keys == null ? List.of() : keys.all();
            int end = (int) Math.min(all.size(), (long) next + most);
            while (!changed && next < end) {
                TouchedKey watched = all.get(next++);
                changed = TransactionKeyspace.version(store, watched.key) != watched.version;
            }
            return changed || next >= all.size();
        }

        /** Whether one of those compared has changed. */
        public boolean hasSeenChange() {
            return changed;
        }
    }

    /** Where it is among the keys. */
    public final class Guard {

        private final Store store;
        private final TransactionKeyspace keyspace;
        private final List<TouchedKey> all = keys == null ? List.of() : keys.all();
        private int next;
        private boolean changed;

        private Guard(Store store, TransactionKeyspace keyspace) {
            this.store = store;
            this.keyspace = keyspace;
        }

        /** Goes on until the turn is over; whether it is done. */
        public boolean goOn(Turn turn) {
            while (!changed && next < all.size()) {
                if (turn.isOver()) {
                    return false;
                }
                turn.spend(2L * Turn.KEY_STEPS);
                TouchedKey watched = all.get(next++);
                changed = TransactionKeyspace.version(store, watched.key) != watched.version;
                keyspace.expect(ByteBuffer.wrap(watched.key), watched.version);
            }
            return true;
        }

        /** Whether one of them has changed; the commit sees to those that change later. */
        public boolean hasSeenChange() {
            return changed;
        }
    }

    /** Watches none any more. */
    @Override
    public void close() {
        if (keys != null && budget != null) {
            keys = null;
            budget.release(reserved);
            reserved = 0;
        }
    }
}
