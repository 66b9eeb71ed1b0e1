package dev.penstock.store.internal.reclaim;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.agrona.concurrent.Agent;

/**
 * Releases objects that are no longer leased, on a separate thread, since closing a shared arena stops every thread for
 * a moment. Objects that readers of the log may hold first go through a grace period of {@link ReaderLeases} first: a
 * barrier, then each parity drained in turn.
 *
 * <p>{@link #retire} and {@link #reclaimIdle}: any thread. The work is done on the thread of the agent.
 */
public final class Reclaimer implements Agent {

    /** How a reclaimer gets the thread that runs it to work. */
    public interface Schedule {

        /** Now. */
        void wakeUp();

        /** Again after so long at the latest, to look whether readers have left. Called on the agent's thread. */
        void lookAgainAfter(long nanos);
    }

    private static final long FIRST_WAIT_NANOS = 1_000_000;
    /** A snapshot may be held for hours. */
    private static final long LONGEST_WAIT_NANOS = 128_000_000;

    /** What the grace period of the current batch waits for. */
    private enum Phase {
        NONE,
        OTHER_PARITY,
        CURRENT_PARITY
    }

    private final Queue<Reclaimable> retired = new ConcurrentLinkedQueue<>();
    private final Queue<Reclaimable> idle = new ConcurrentLinkedQueue<>();
    private final ReaderLeases leases = new ReaderLeases();
    private final Schedule schedule;

    private final List<Reclaimable> batch = new ArrayList<>();
    private final BitSet seenZero = new BitSet();
    private Phase phase = Phase.NONE;
    private long waitNanos;

    public Reclaimer(Schedule schedule) {
        this.schedule = schedule;
    }

    /** The leases of the readers of the log. */
    public ReaderLeases leases() {
        return leases;
    }

    /** Reclaims something once every lease that is open now has ended. It is marked so that no new one is taken. */
    public void retire(Reclaimable reclaimable) {
        retired.add(reclaimable);
        schedule.wakeUp();
    }

    /** Reclaims something that nobody holds. */
    void reclaimIdle(Reclaimable reclaimable) {
        idle.add(reclaimable);
        schedule.wakeUp();
    }

    @Override
    public int doWork() {
        int count = reclaimAll(idle);
        if (batch.isEmpty()) {
            begin();
        }
        count += advance();
        if (!batch.isEmpty()) {
            schedule.lookAgainAfter(waitNanos);
            waitNanos = Math.min(waitNanos * 2, LONGEST_WAIT_NANOS);
        }
        return count;
    }

    private void begin() {
        for (Reclaimable next = retired.poll(); next != null; next = retired.poll()) {
            batch.add(next);
        }
        if (!batch.isEmpty()) {
            waitNanos = FIRST_WAIT_NANOS;
            ReaderLeases.barrier();
            enter(Phase.OTHER_PARITY);
        }
    }

    private int advance() {
        if (phase == Phase.OTHER_PARITY && leases.isDrained(leases.parity() ^ 1, seenZero)) {
            leases.flip();
            enter(Phase.CURRENT_PARITY);
        }
        if (phase != Phase.CURRENT_PARITY || !leases.isDrained(leases.parity() ^ 1, seenZero)) {
            return 0;
        }
        enter(Phase.NONE);
        int count = batch.size();
        batch.forEach(Reclaimable::reclaim);
        batch.clear();
        return count;
    }

    private void enter(Phase next) {
        phase = next;
        seenZero.clear();
    }

    private static int reclaimAll(Queue<Reclaimable> queue) {
        int count = 0;
        for (Reclaimable next = queue.poll(); next != null; next = queue.poll()) {
            next.reclaim();
            count++;
        }
        return count;
    }

    /** The store is closed: leases end here. */
    @Override
    public void onClose() {
        batch.forEach(Reclaimable::reclaim);
        batch.clear();
        reclaimAll(retired);
        reclaimAll(idle);
    }

    @Override
    public String roleName() {
        return "reclaimer";
    }
}
