package dev.penstock.store.internal.write;

import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.IdleStrategy;

/** An agent's thread sleeps until there is something to do, however long that is. Any thread wakes it. */
final class WakeableIdle implements IdleStrategy {

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

    @Override
    public void idle() {
        if (sleeper == null) {
            sleeper = Thread.currentThread();
        }
        while (!woken) {
            LockSupport.park(this);
        }
        woken = false;
    }

    @Override
    public void reset() {}
}
