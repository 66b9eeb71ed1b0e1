package dev.penstock.store.internal.engine;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongBinaryOperator;

/**
 * The clock that decides what has expired. It never goes backwards while a store is open: if the underlying clock is
 * set back, time stands still until that clock has caught up. A key that was found to have expired thus stays expired,
 * swept or not.
 *
 * <p>Thread-safe.
 */
public final class StoreClock implements InstantSource {

    /** Not a lambda: opening a store asks the clock, and links none. */
    private static final LongBinaryOperator LATER = new LongBinaryOperator() {
        @Override
        public long applyAsLong(long one, long other) {
            return Math.max(one, other);
        }
    };

    private final InstantSource source;
    private final AtomicLong latest = new AtomicLong(Long.MIN_VALUE);

    public StoreClock(InstantSource source) {
        this.source = source;
    }

    /** Milliseconds of the epoch: those of the source, or the most that were returned before. */
    @Override
    public long millis() {
        long now = sourceMillis();
        long before = before();
        if (now > before) {
            // Once a millisecond, and not by every reader.
            latest.accumulateAndGet(now, LATER);
        }
        return Math.max(now, before);
    }

    /** Of an instant beyond the last millisecond, that one. */
    private long sourceMillis() {
        try {
            return source.millis();
        } catch (ArithmeticException beyond) {
            return source.instant().isAfter(Instant.EPOCH) ? Long.MAX_VALUE : Long.MIN_VALUE;
        }
    }

    private long before() {
        return latest.get();
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }
}
