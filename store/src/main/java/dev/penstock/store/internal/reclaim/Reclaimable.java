package dev.penstock.store.internal.reclaim;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.agrona.BitUtil;

/**
 * Something that readers lease, and that goes for good once it is retired and the last lease has ended.
 *
 * <p><b>Leases are counted, not owned.</b> A lease is the number of the counter that it was taken on; whoever has the
 * number may end the lease, on any thread. There is no thread-local, so any number of virtual threads may read. The
 * counters are striped over cache lines by thread id, so that readers on different cores rarely meet on one.
 *
 * <p><b>Why no reader loses its lease.</b> {@link #acquire} counts first and then looks at {@code retired};
 * {@link #retire} sets {@code retired} first and then looks at the counters. Both are sequentially consistent, so of a
 * racing pair at least one sees the other: either the reader backs out, or the counter is seen above zero and whoever
 * ends that lease looks again. Each counter is looked at separately; that is enough, because once {@code retired} is set
 * a counter that was zero only rises for a reader that is about to back out.
 */
public abstract class Reclaimable {

    private static final int CELL_STRIDE = BitUtil.CACHE_LINE_LENGTH / Integer.BYTES;
    private static final int CELL_COUNT =
            BitUtil.findNextPositivePowerOfTwo(Runtime.getRuntime().availableProcessors() * 2);

    /** What {@link #acquire} gives when it is too late. */
    public static final int NO_LEASE = -1;

    private final AtomicIntegerArray leases = new AtomicIntegerArray(CELL_COUNT * CELL_STRIDE);
    private final AtomicBoolean handedOver = new AtomicBoolean();
    private final Reclaimer reclaimer;
    private volatile boolean retired;

    protected Reclaimable(Reclaimer reclaimer) {
        this.reclaimer = reclaimer;
    }

    /** Takes a lease; {@link #NO_LEASE} if this is retired, and the caller must look up anew where its record is. */
    public final int acquire() {
        int cell = ((int) Thread.currentThread().threadId() & (CELL_COUNT - 1)) * CELL_STRIDE;
        leases.getAndIncrement(cell);
        if (!retired) {
            return cell;
        }
        release(cell);
        return NO_LEASE;
    }

    /** Ends a lease, once. */
    public final void release(int lease) {
        leases.getAndDecrement(lease);
        if (retired) {
            handOverIfIdle();
        }
    }

    /** No new lease from here on; {@link #reclaim} runs in the background when the last one has ended. */
    public final void retire() {
        retired = true;
        handOverIfIdle();
    }

    public final boolean isRetired() {
        return retired;
    }

    /** Gives back memory and descriptors. Runs once, on the reclaimer's thread. */
    protected abstract void reclaim();

    private void handOverIfIdle() {
        for (int cell = 0; cell < CELL_COUNT; cell++) {
            if (leases.get(cell * CELL_STRIDE) != 0) {
                return;
            }
        }
        if (handedOver.compareAndSet(false, true)) {
            reclaimer.add(this);
        }
    }
}
