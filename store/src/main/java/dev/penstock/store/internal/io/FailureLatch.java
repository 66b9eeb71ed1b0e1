package dev.penstock.store.internal.io;

import dev.penstock.store.StoreClosedException;
import dev.penstock.store.StoreFailedException;
import org.jspecify.annotations.Nullable;

/**
 * Records the end of writing to a store: its closing, or the first error after which the state of its files is unknown.
 * Thread-safe; never reset.
 */
public final class FailureLatch {

    private static final String NO_MORE_WRITES = "; the store takes no more writes until it is closed and opened again";

    private static final int MOST_SPINS = 1_000_000;

    /** The first error, and what it means. */
    private record First(String message, Throwable cause) {}

    /** Set before anything else, so that not even a lack of memory or stack keeps the store from having failed. */
    private volatile boolean failed;

    /** The cause of the first error, where no message came with it. */
    private volatile @Nullable Throwable bare;

    /** Whether a message was waited for. */
    private volatile boolean waited;

    private volatile @Nullable First first;
    private volatile @Nullable String closed;

    /** Whether the store has failed. */
    public boolean isSet() {
        return failed;
    }

    /** Refuses to continue if the store has failed. */
    public void checkSound() {
        if (failed) {
            throw again();
        }
    }

    /** Refuses to continue if the store has failed or is closed. */
    public void check() {
        checkSound();
        String message = closed;
        if (message != null) {
            throw new StoreClosedException(message);
        }
    }

    /** The store is closed. No write is under way. */
    public void close(String message) {
        closed = message;
    }

    /**
     * Fails the store, with little stack and no memory. {@link #set(String, Throwable)} follows, unless there is too
     * little of them for that.
     */
    public void set(Throwable cause) {
        if (!failed) {
            bare = cause;
            failed = true;
        }
    }

    /** Notes a failure, unless one is noted already, and gives the exception to throw. */
    public StoreFailedException set(String what, Throwable cause) {
        failed = true;
        note(what, cause);
        return again();
    }

    private synchronized void note(String what, Throwable cause) {
        if (first == null) {
            first = new First(what + NO_MORE_WRITES, cause);
            StoreLog.get().log(System.Logger.Level.ERROR, what, cause);
        }
    }

    /**
     * Reports the first failure. Its message is set a moment after the flag, so this waits briefly for it: once, since
     * an error for want of memory may have none.
     */
    private StoreFailedException again() {
        for (int spins = 0; first == null && !waited && spins < MOST_SPINS; spins++) {
            Thread.onSpinWait();
        }
        First noted = first;
        waited = noted == null;
        return noted == null
                ? new StoreFailedException("the store has failed" + NO_MORE_WRITES, bare)
                : new StoreFailedException(noted.message(), noted.cause());
    }
}
