package dev.penstock.server;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.NanoClock;

/** Time that passes when the test says so. Thread-safe. */
public final class TestClock implements NanoClock {

    private final AtomicLong nanos = new AtomicLong(-5_000_000_000L); // the real one may be negative, too

    @Override
    public long nanoTime() {
        return nanos.get();
    }

    public void advance(Duration time) {
        nanos.addAndGet(time.toNanos());
    }
}
