package dev.penstock.server.keyspace;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The state of a key in a {@link TransactionKeyspace}: the version that was read, and the new value if it was written.
 */
final class TouchedKey {

    /** Version of a key that was not read. */
    static final long UNREAD = -1;

    final byte[] key;
    final int hash;
    long version = UNREAD;
    boolean written;

    @Nullable
    MemorySegment value; // null: absent

    long expiryMillis;
    boolean counted = true; // or among the uncounted
    byte counts; // how many keys more than in the store, as it was counted
    private int clearing; // after which all that is written here was written

    TouchedKey(byte[] key, int hash, int clearing) {
        this.key = key;
        this.hash = hash;
        this.clearing = clearing;
    }

    /** Forgets what was written before the last of so many clearings. */
    TouchedKey since(int clearings) {
        if (clearing != clearings) {
            clearing = clearings;
            written = false;
            value = null;
            counted = true;
            counts = 0;
        }
        return this;
    }

    boolean wasRead() {
        return version != UNREAD;
    }

    /** Whether the key was written and is there at a time, in milliseconds of the epoch. */
    boolean isPresent(long nowMillis) {
        return written && value != null && (expiryMillis == Keyspace.NO_EXPIRY || expiryMillis > nowMillis);
    }
}
