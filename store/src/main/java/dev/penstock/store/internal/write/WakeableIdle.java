package dev.penstock.store.internal.write;

import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.IdleStrategy;

/** An agent's thread sleeps until there is something to do, however long that is. Any thread wakes it. */
final class WakeableIdle implements IdleStrategy {

    private static final long SHORT_NANOS = 1_000_000;

    private boolean shortly;
    private volatile boolean woken;
    private volatile Thread sleeper;

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

    /** The next sleep ends by itself. Called on the agent's own thread. */
    void sleepShortly() {
        shortly = true;
    }

    @Override
    public void idle() {
        if (sleeper == null) {
            sleeper = Thread.currentThread();
        }
        if (shortly) {
            shortly = false;
            LockSupport.parkNanos(this, SHORT_NANOS);
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
