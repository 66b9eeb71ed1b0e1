package dev.penstock.store.internal.compaction;

import dev.penstock.store.internal.log.Log;
import java.util.concurrent.locks.LockSupport;

/**
 * Keeps writers from filling the disk with dead records faster than compaction frees space. While it is on, writers
 * share an allowance of bytes. A writer that finds it used up waits for compaction to grant more, but at most {@value
 * #LONGEST_WAIT_NANOS} nanoseconds, so that a write never depends on compaction.
 *
 * <p>Any writer may wait, holding no lock. One thread grants bytes.
 */
public final class BackPressure {

    private static final long LONGEST_WAIT_NANOS = 1_000_000;
    private static final long PARK_NANOS = 50_000;
    private static final long OFF = Long.MAX_VALUE;

    private final Log log;
    private volatile long allowedPosition = OFF;

    public BackPressure(Log log) {
        this.log = log;
    }

    /** Waits if the log has come further than it may. */
    public void await() {
        if (log.publishedPosition() > allowedPosition) {
            park();
        }
    }

    private void park() {
        long start = System.nanoTime();
        do {
            LockSupport.parkNanos(this, PARK_NANOS);
        } while (log.publishedPosition() > allowedPosition && System.nanoTime() - start < LONGEST_WAIT_NANOS);
    }

    /** Allows the log to grow by this many bytes. Bytes beyond earlier allowances are forgiven. */
    void allow(long bytes) {
        long published = log.publishedPosition();
        allowedPosition = (allowedPosition == OFF ? published : Math.max(published, allowedPosition)) + bytes;
    }

    void lift() {
        allowedPosition = OFF;
    }

    /** Whether writers are held back. */
    boolean isOn() {
        return allowedPosition != OFF;
    }
}
