package dev.penstock.store.internal.background;

import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.log.GroupCommit;
import java.time.Duration;
import org.agrona.concurrent.Agent;

/** Forces new writes at regular intervals, on a separate thread. */
public final class IntervalForce implements Agent {

    private final GroupCommit groupCommit;
    private final FailureLatch failure;
    private final AgentThread thread;
    private final long intervalNanos;

    /** @param thread the one that runs this */
    public IntervalForce(GroupCommit groupCommit, FailureLatch failure, AgentThread thread, Duration interval) {
        this.groupCommit = groupCommit;
        this.failure = failure;
        this.thread = thread;
        this.intervalNanos = interval.toNanos();
    }

    @Override
    public int doWork() {
        if (!failure.isSet()) {
            try {
                groupCommit.await();
            } finally {
                // Also after an attempt that failed for lack of file descriptors.
                thread.lookAgainAfter(intervalNanos);
            }
        }
        return 0;
    }

    @Override
    public String roleName() {
        return "interval-force";
    }
}
