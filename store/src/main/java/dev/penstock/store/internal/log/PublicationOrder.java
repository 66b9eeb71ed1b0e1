package dev.penstock.store.internal.log;

import dev.penstock.store.internal.event.FlightRecording;
import dev.penstock.store.internal.event.StallEvent;
import dev.penstock.store.internal.io.FailureLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The position up to which the log is published without a gap. A writer that has filled its claim waits for all claims
 * before it, then moves the position past its own, so only one writer at a time moves it.
 *
 * <p>A failure elsewhere, such as a failed force, ends no wait: the claims before are still filled, and the waiting
 * claims are published after them. Only a claim that can never be published {@linkplain #breakOff breaks the order
 * off}.
 *
 * <p>Thread-safe.
 */
final class PublicationOrder {

    private static final int SPINS_BEFORE_YIELD = 200;
    private static final int YIELDS_BEFORE_PARK = 200;
    private static final long PARK_NANOS = 20_000;

    private final AtomicLong position;
    private final FailureLatch failure;
    private volatile boolean broken;

    PublicationOrder(long position, FailureLatch failure) {
        this.position = new AtomicLong(position);
        this.failure = failure;
    }

    /** Everything below is published. */
    long position() {
        return position.get();
    }

    /**
     * Everything below a position is published now. Ordered after all earlier stores. Waiting writers poll the
     * position, so no fence is needed.
     */
    void upTo(long end) {
        position.setRelease(end);
    }

    /** A claim will never be published, and so none behind it. The store has failed before this is called. */
    void breakOff() {
        broken = true;
    }

    /**
     * Returns when everything below a position is published.
     *
     * @throws dev.penstock.store.StoreFailedException if that cannot happen any more
     */
    @SuppressWarnings("ThreadPriorityCheck") // yielding helps a preempted predecessor on a machine with few cores
    void await(long end) {
        for (int attempt = 0; position.get() < end; attempt++) {
            if (attempt < SPINS_BEFORE_YIELD) {
                Thread.onSpinWait();
            } else if (attempt < SPINS_BEFORE_YIELD + YIELDS_BEFORE_PARK) {
                Thread.yield();
            } else {
                park(end);
            }
        }
    }

    private boolean isBroken() {
        return broken;
    }

    private void park(long end) {
        StallEvent stall = FlightRecording.isOn() ? StallEvent.start() : null;
        while (position.get() < end) {
            if (isBroken()) {
                failure.checkSound();
            }
            LockSupport.parkNanos(PARK_NANOS);
        }
        if (stall != null) {
            stall.cause = "earlier records were not complete";
            stall.commit();
        }
    }
}
