package dev.penstock.store.internal.background;

import dev.penstock.store.internal.reclaim.Reclaimer;
import dev.penstock.store.internal.segment.ReadAdvice;
import dev.penstock.store.internal.segment.SegmentSet;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;

/** Renews the {@link ReadAdvice} to the kernel when there is a new segment, except in the first moments of a store. */
public final class ReadAdviceAgent implements Agent {

    private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final SegmentSet segments;
    private final ReadAdvice advice;
    private final Reclaimer.Schedule thread;
    private long restUntilNanos = System.nanoTime() + REST_NANOS;
    private long seenNumber = ReadAdvice.NONE;

    /** @param thread the one that runs this */
    public ReadAdviceAgent(SegmentSet segments, Reclaimer.Schedule thread) {
        this.segments = segments;
        this.advice = new ReadAdvice(segments);
        this.thread = thread;
    }

    @Override
    public int doWork() {
        long newest = segments.newestNumber();
        if (newest != seenNumber) {
            long rest = restUntilNanos - System.nanoTime();
            if (rest > 0) {
                thread.lookAgainAfter(rest);
            } else {
                restUntilNanos = System.nanoTime() + REST_NANOS;
                seenNumber = newest;
                // The active segment is in memory, and faulting in several new pages at once is cheaper.
                advice.give(newest);
            }
        }
        return 0;
    }

    @Override
    public String roleName() {
        return "read-around";
    }
}
