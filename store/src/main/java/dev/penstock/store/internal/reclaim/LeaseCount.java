package dev.penstock.store.internal.reclaim;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.agrona.BitUtil;

/**
 * The leases on one thing, counted. For what is held long and rarely: a slow reader of one large value keeps just that
 * value's file, and nothing else, from going.
 *
 * <p>The counters are striped by thread id; a lease is the number of its counter, so any thread may end it.
 *
 * <p><b>Why no reader loses its lease.</b> {@link #acquire} counts first and then looks at {@code retired};
 * {@link #retire} sets {@code retired} first and then looks at the counters. Both are sequentially consistent, so of a
 * racing pair at least one sees the other: either the reader backs out, or the counter is seen above zero and whoever
 * ends that lease looks again. Each counter is looked at by itself; that is enough, because once {@code retired} is set a
 * counter that was zero only rises for a reader that is about to back out.
 */
public final class LeaseCount implements Leased {

    private static final int CELL_STRIDE = BitUtil.CACHE_LINE_LENGTH / Integer.BYTES;
    private static final int CELL_COUNT =
            BitUtil.findNextPositivePowerOfTwo(Runtime.getRuntime().availableProcessors());

    private final AtomicIntegerArray leases = new AtomicIntegerArray(CELL_COUNT * CELL_STRIDE);
    private final AtomicInteger handedOver = new AtomicInteger();
    private final Reclaimable owner;
    private final Reclaimer reclaimer;
    private volatile boolean retired;

    public LeaseCount(Reclaimable owner, Reclaimer reclaimer) {
        this.owner = owner;
        this.reclaimer = reclaimer;
    }

    @Override
    public int hold() {
        int cell = ((int) Thread.currentThread().threadId() & (CELL_COUNT - 1)) * CELL_STRIDE;
        leases.getAndIncrement(cell);
        return cell;
    }

    @Override
    public int acquire() {
        int cell = hold();
        if (!retired) {
            return cell;
        }
        release(cell);
        return NO_LEASE;
    }

    @Override
    public void release(int lease) {
        leases.getAndDecrement(lease);
        if (retired) {
            handOverIfIdle();
        }
    }

    /** No new lease from here on; the owner is reclaimed when the last one has ended. */
    public void retire() {
        retired = true;
        handOverIfIdle();
    }

    /** Whether anyone holds a lease. Who takes one while this looks may be missed. */
    public boolean isHeld() {
        for (int cell = 0; cell < CELL_COUNT; cell++) {
            if (leases.get(cell * CELL_STRIDE) != 0) {
                return true;
            }
        }
        return false;
    }

    private void handOverIfIdle() {
        if (isHeld()) {
            return;
        }
        if (handedOver.getAndSet(1) == 0) {
            reclaimer.reclaimIdle(owner);
        }
    }
}
