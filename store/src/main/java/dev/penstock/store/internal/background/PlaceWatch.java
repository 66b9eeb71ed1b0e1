package dev.penstock.store.internal.background;

import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.reclaim.Reclaimer;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;

/**
 * Checks every second whether the store's directory is still in its place, so that an owner that forces nothing notices
 * too.
 */
public final class PlaceWatch implements Agent {

    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final DiskDirectory directory;
    private final FailureLatch failure;
    private final Reclaimer.Schedule thread;
    private long nextNanos = System.nanoTime();

    /**
     * @param directory fails the store when it is asked and is not there
     * @param thread the one that runs this
     */
    public PlaceWatch(DiskDirectory directory, FailureLatch failure, Reclaimer.Schedule thread) {
        this.directory = directory;
        this.failure = failure;
        this.thread = thread;
    }

    @Override
    public int doWork() throws IOException {
        if (failure.isSet()) {
            return 0;
        }
        long now = System.nanoTime();
        if (now - nextNanos >= 0) {
            nextNanos = now + PERIOD_NANOS;
            directory.checkPlace();
        }
        thread.lookAgainAfter(nextNanos - now);
        return 0;
    }

    @Override
    public String roleName() {
        return "place-watch";
    }
}
