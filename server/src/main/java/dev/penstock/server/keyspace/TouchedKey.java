package dev.penstock.server.keyspace;

import dev.penstock.store.Store;
import java.lang.foreign.MemorySegment;

/** What a {@link TransactionKeyspace} knows of a key that was read, and what the key is to be if it was written. */
final class TouchedKey {

    /** Version of a key that was not read. */
    static final long UNREAD = -1;

    final byte[] key;
    final int hash;
    long version = UNREAD;
    boolean written;
    MemorySegment value; // null: absent
    long expiryMillis;
    boolean counted = true; // or among the uncounted
    int counts; // how many keys more than in the store, as it was counted

    TouchedKey(byte[] key, int hash) {
        this.key = key;
        this.hash = hash;
    }

    boolean wasRead() {
        return version != UNREAD;
    }

    /** Whether the key was written and is there at a time, in milliseconds of the epoch. */
    boolean isPresent(long nowMillis) {
        return written && value != null && (expiryMillis == Store.NO_EXPIRY || expiryMillis > nowMillis);
    }
}
