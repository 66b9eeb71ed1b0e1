package dev.penstock.cluster;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The time of the next entry: that of this node's clock, unless an earlier entry has a later one. That is so when the
 * clock of an earlier leader was ahead, or this clock was set back. The time then goes on at half speed until the clock
 * has caught up. It must not stand still, or no value would expire meanwhile, and it must come back to the clock, as
 * clients set expiries by theirs.
 *
 * <p>Thread-safe. The lock is held for a few instructions.
 */
final class LogTime {

    private static final long SLOWNESS = 2;

    private final LongSupplier millis;
    private final LongSupplier nanos;

    /** From where the time goes on at half speed. */
    @GuardedBy("this")
    private long sinceMillis;

    @GuardedBy("this")
    private long sinceNanos;

    /**
     * @param millis the clock, in milliseconds since 1970
     * @param nanos a clock that only goes on, in nanoseconds
     */
    LogTime(LongSupplier millis, LongSupplier nanos) {
        this.millis = millis;
        this.nanos = nanos;
        this.sinceNanos = nanos.getAsLong();
    }

    /**
     * Returns the time of the next entry, which is not before that of any entry earlier.
     *
     * @param executedMillis the time of the newest entry that was executed
     */
    synchronized long next(long executedMillis) {
        long now = nanos.getAsLong();
        long slow = sinceMillis + TimeUnit.NANOSECONDS.toMillis(now - sinceNanos) / SLOWNESS;
        long next = Math.max(millis.getAsLong(), Math.max(executedMillis, slow));
        if (next > slow) {
            sinceMillis = next;
            sinceNanos = now;
        }
        return next;
    }
}
