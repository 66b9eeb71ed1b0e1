package dev.penstock.store.internal.io;

import dev.penstock.store.StoreClosedException;
import dev.penstock.store.StoreFailedException;

/**
 * What ends writing to a store: that it is closed, or the first error after which it cannot vouch for its files. Thread-safe;
 * never unset.
 */
public final class Failure {

    private volatile StoreFailedException first;
    private volatile String closed;

    /** Whether the store has failed. */
    public boolean isSet() {
        return first != null;
    }

    /** Refuses to go on if the store has failed. */
    public void checkSound() {
        if (first != null) {
            throw again();
        }
    }

    /** Refuses to go on if the store has failed or is closed. */
    public void check() {
        checkSound();
        if (closed != null) {
            throw new StoreClosedException(closed);
        }
    }

    /** The store is closed. No write is under way. */
    public void close(String message) {
        closed = message;
    }

    /** Notes a failure, unless one is noted already, and gives the exception to throw. */
    public synchronized StoreFailedException set(String what, Throwable cause) {
        if (first == null) {
            first = new StoreFailedException(
                    what + "; the store takes no more writes until it is closed and opened again", cause);
            System.getLogger("dev.penstock.store").log(System.Logger.Level.ERROR, what, cause);
        }
        return again();
    }

    private StoreFailedException again() {
        return new StoreFailedException(first.getMessage(), first.getCause());
    }
}
