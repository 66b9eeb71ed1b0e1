package dev.penstock.store.internal.reclaim;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.agrona.BitUtil;

/**
 * The leases on one thing, counted. For what is held long and rarely: a slow reader of one large value keeps just that
 * value's file, and nothing else, from going.
 *
 * <p>The counters are striped by thread id; a lease is the number of its cell, so any thread may end it. A cell counts
 * beginnings and ends each by itself, and neither ever decreases.
 *
 * <p><b>Why no lease is missed.</b> A lease may end while another one, on a cell that was looked at before, has just
 * begun: to look at the cells one by one for a lease that is open would miss both. So {@link #isHeld} adds up all ends
 * first, and all beginnings afterwards. Between the two sums there is a moment at which there had been at least as many
 * ends, and at most as many beginnings. If the sums are equal, no lease was open at that moment.
 *
 * <p><b>Why no reader loses its lease.</b> {@link #acquire} counts first and then looks at {@code retired}; {@link
 * #retire} sets {@code retired} first and then adds up. Both are sequentially consistent, so of a racing pair at least
 * one sees the other: either the reader backs out, or its lease is seen and the thread that ends it adds up again. Once
 * {@code retired} is set and no lease is open, none begins: {@link #hold} needs one that is.
 */
public final class LeaseCount implements Leased {

    private static final int CELL_STRIDE = BitUtil.CACHE_LINE_LENGTH / Long.BYTES;
    private static final int CELL_COUNT =
            BitUtil.findNextPositivePowerOfTwo(Runtime.getRuntime().availableProcessors());
    private static final int BEGUN = 0;
    private static final int ENDED = 1;

    private final int cellMask;
    private final AtomicLongArray counts;
    private final AtomicInteger handedOver = new AtomicInteger();
    private final Reclaimable owner;
    private final Reclaimer reclaimer;
    private volatile boolean retired;

    public LeaseCount(Reclaimable owner, Reclaimer reclaimer) {
        this(owner, reclaimer, CELL_COUNT);
    }

    /** @param cellCount a power of two */
    LeaseCount(Reclaimable owner, Reclaimer reclaimer, int cellCount) {
        this.cellMask = cellCount - 1;
        this.counts = new AtomicLongArray(cellCount * CELL_STRIDE);
        this.owner = owner;
        this.reclaimer = reclaimer;
    }

    /** Takes a lease where another one is held meanwhile, or the owner cannot be retired meanwhile: never too late. */
    public int hold() {
        int cell = ((int) Thread.currentThread().threadId() & cellMask) * CELL_STRIDE;
        counts.getAndIncrement(cell + BEGUN);
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
        counts.getAndIncrement(lease + ENDED);
        if (retired) {
            handOverIfIdle();
        }
    }

    /** No new lease from here on; the owner is reclaimed when the last one has ended. */
    public void retire() {
        retired = true;
        handOverIfIdle();
    }

    /** Whether anyone holds a lease. False if there was a moment during the call at which nobody did. */
    public boolean isHeld() {
        long ended = sum(ENDED);
        return sum(BEGUN) != ended;
    }

    private long sum(int which) {
        long sum = 0;
        for (int cell = 0; cell <= cellMask; cell++) {
            sum += counts.get(cell * CELL_STRIDE + which);
        }
        return sum;
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
