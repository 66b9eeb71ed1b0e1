package dev.penstock.cluster.raft;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/** Bounds what is on its way into the log. Thread-safe. */
final class SubmissionWindow {

    static final int MAX_ENTRIES = 64;
    static final long MAX_BYTES = 8L << 20;

    private final Object lock = new Object();

    @GuardedBy("lock")
    private int entries;

    @GuardedBy("lock")
    private long bytes;

    /** Whether {@link #enter} would succeed now. */
    boolean admits(int length) {
        synchronized (lock) {
            return entries < MAX_ENTRIES && bytes + length <= MAX_BYTES;
        }
    }

    boolean enter(int length) {
        synchronized (lock) {
            if (!admits(length)) {
                return false;
            }
            entries++;
            bytes += length;
            return true;
        }
    }

    void leave(int length) {
        synchronized (lock) {
            entries--;
            bytes -= length;
        }
    }
}
