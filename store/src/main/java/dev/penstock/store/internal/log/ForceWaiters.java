package dev.penstock.store.internal.log;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The writers that wait for the end of a force. A writer is listed once at most, and {@link #wakeAll} wakes those that
 * are listed when it is called. So a thread that wakes the others comes to an end although they list themselves again
 * at once, for the next force.
 *
 * <p>Thread-safe.
 */
final class ForceWaiters {

    private final AtomicReference<@Nullable Waiter> newest = new AtomicReference<>();

    /** A thread in {@link GroupCommit#await}. */
    static final class Waiter {

        private final Thread thread = Thread.currentThread();
        private @Nullable Waiter older;
        private volatile boolean listed;
    }

    /** Lists the calling thread's waiter, unless it is listed already. */
    void list(Waiter waiter) {
        if (waiter.listed) {
            return;
        }
        waiter.listed = true;
        Waiter before;
        do {
            before = newest.get();
            waiter.older = before;
        } while (!newest.compareAndSet(before, waiter));
    }

    /** Wakes all who are listed, who are not from here on; returns how many there were. */
    int wakeAll() {
        int count = 0;
        Waiter waiter = newest.getAndSet(null);
        while (waiter != null) {
            Waiter older = waiter.older; // read first: it may list itself again as soon as it is not listed
            waiter.listed = false;
            LockSupport.unpark(waiter.thread);
            waiter = older;
            count++;
        }
        return count;
    }
}
