package dev.penstock.store.internal.background;

import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.IdleStrategy;
import org.jspecify.annotations.Nullable;

/** An agent's thread sleeps until there is something to do, however long that is. Any thread wakes it. */
final class WakeableIdleStrategy implements IdleStrategy {

    private long sleepNanos = Long.MAX_VALUE;
    private volatile boolean woken;
    private volatile @Nullable Thread sleeper;

    void wakeUp() {
        woken = true;
        LockSupport.unpark(sleeper);
    }

    @Override
    public void idle(int workCount) {
        if (workCount == 0) {
            idle();
        }
    }

    /** Limits the next sleep. Called on the agent's own thread. */
    void sleepAtMost(long nanos) {
        sleepNanos = Math.min(sleepNanos, nanos);
    }

    @Override
    public void idle() {
        if (sleeper == null) {
            sleeper = Thread.currentThread();
        }
        if (sleepNanos != Long.MAX_VALUE) {
            long until = System.nanoTime() + sleepNanos;
            for (long left = sleepNanos; !woken && left > 0; left = until - System.nanoTime()) {
                LockSupport.parkNanos(this, left);
            }
            sleepNanos = Long.MAX_VALUE;
        } else {
            while (!woken) {
                LockSupport.park(this);
            }
        }
        woken = false;
    }

    @Override
    public void reset() {}
}
