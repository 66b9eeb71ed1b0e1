package dev.penstock.server.shard;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The clock of a replica's store: the time of the newest entry that was executed. Every replica thus finds the same
 * values expired when it executes an entry, and none removes an expired value earlier than the others' entries allow.
 *
 * <p>Begins long ago, so that nothing is expired until {@link #advance} says more. Thread-safe.
 */
public final class EntryClock implements InstantSource {

    private final AtomicLong millis = new AtomicLong();

    /** Moves on to the time of an entry, in milliseconds of the epoch. The clock does not go back. */
    public void advance(long entryMillis) {
        millis.accumulateAndGet(entryMillis, Math::max);
    }

    @Override
    public long millis() {
        return millis.get();
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }
}
