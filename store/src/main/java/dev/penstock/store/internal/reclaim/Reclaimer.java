package dev.penstock.store.internal.reclaim;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.agrona.concurrent.Agent;

/**
 * Reclaims what nobody leases any more, away from readers and writers: to close a shared arena stops every thread for a
 * moment. Thread-safe; the work is done on the thread of the agent.
 */
public final class Reclaimer implements Agent {

    private final Queue<Reclaimable> idle = new ConcurrentLinkedQueue<>();
    private final Runnable wakeUp;

    /** @param wakeUp gets the agent's thread to work */
    public Reclaimer(Runnable wakeUp) {
        this.wakeUp = wakeUp;
    }

    void add(Reclaimable reclaimable) {
        idle.add(reclaimable);
        wakeUp.run();
    }

    @Override
    public int doWork() {
        int count = 0;
        for (Reclaimable next = idle.poll(); next != null; next = idle.poll()) {
            next.reclaim();
            count++;
        }
        return count;
    }

    @Override
    public void onClose() {
        doWork();
    }

    @Override
    public String roleName() {
        return "reclaimer";
    }
}
