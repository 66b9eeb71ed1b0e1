package dev.penstock.store.internal.io;

import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.IntSupplier;
import java.util.function.IntToLongFunction;

/**
 * A file descriptor for system calls that Java has no word for, opened when it is first needed. A file whose name is
 * gone by then, or a file system that refuses, leaves it {@link #NONE} for good, and callers take another way.
 *
 * <p>Thread-safe: closing waits for the calls under way, since a number that is closed in the middle of a call may be
 * another file's by the next.
 */
final class Descriptor {

    /** Answered where there is no descriptor. */
    static final long NONE = Long.MIN_VALUE;

    /** Answered after {@link #close}. */
    static final long CLOSED = Long.MIN_VALUE + 1;

    private static final int UNOPENED = -1;
    private static final int REFUSED = -2;

    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final IntSupplier open;
    private volatile int number = UNOPENED;
    private boolean closed;

    /** @param open opens the file; a number below zero if it cannot be had */
    Descriptor(IntSupplier open) {
        this.open = open;
    }

    /** What the call returns, or {@link #NONE} or {@link #CLOSED}. */
    long call(IntToLongFunction call) {
        if (number == UNOPENED) {
            open();
        }
        lock.readLock().lock();
        try {
            if (closed) {
                return CLOSED;
            }
            return number < 0 ? NONE : call.applyAsLong(number);
        } finally {
            lock.readLock().unlock();
        }
    }

    private void open() {
        lock.writeLock().lock();
        try {
            if (number == UNOPENED && !closed) {
                int opened = Posix.isAvailable() ? open.getAsInt() : REFUSED;
                number = opened >= 0 ? opened : REFUSED;
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Gives the descriptor back; it is opened again when it is needed. */
    void release() {
        lock.writeLock().lock();
        try {
            if (number >= 0) {
                Posix.close(number);
                number = UNOPENED;
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    void close() {
        lock.writeLock().lock();
        try {
            closed = true;
            if (number >= 0) {
                Posix.close(number);
            }
            number = REFUSED;
        } finally {
            lock.writeLock().unlock();
        }
    }
}
