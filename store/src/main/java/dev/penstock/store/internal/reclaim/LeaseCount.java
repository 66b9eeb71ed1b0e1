package dev.penstock.store.internal.reclaim;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counts the leases on one object, for objects that are held long and rarely: a slow reader of one large value keeps
 * only the file of that value from being released.
 *
 * <p>One counter, so that it costs few bytes: a store may have very many large values. Their readers also count in
 * {@code IdleFile} and {@code OpenFiles}, and move a megabyte each.
 *
 * <p><b>Why no reader loses its lease.</b> {@link #acquire} counts first and then looks at {@code retired}; {@link
 * #retire} sets {@code retired} first and then looks at the count. Both are sequentially consistent, so of a racing
 * pair at least one sees the other: either the reader backs out, or its lease is seen and the thread that ends it looks
 * again. Once {@code retired} is set and no lease is open, none begins: {@link #hold} needs one that is.
 */
public final class LeaseCount implements Leased {

    /** Every lease is the same. */
    private static final int LEASE = 0;

    private static final VarHandle OPEN_COUNT;
    private static final VarHandle HANDED_OVER;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            OPEN_COUNT = lookup.findVarHandle(LeaseCount.class, "openCount", int.class);
            HANDED_OVER = lookup.findVarHandle(LeaseCount.class, "handedOver", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Reclaimable owner;
    private final Reclaimer reclaimer;
    private volatile int openCount;
    private volatile boolean retired;

    @SuppressWarnings("UnusedVariable") // by its handle alone
    private volatile boolean handedOver;

    public LeaseCount(Reclaimable owner, Reclaimer reclaimer) {
        this.owner = owner;
        this.reclaimer = reclaimer;
    }

    /** Takes a lease where another one is held meanwhile, or the owner cannot be retired meanwhile: never too late. */
    public int hold() {
        OPEN_COUNT.getAndAdd(this, 1);
        return LEASE;
    }

    @Override
    public int acquire() {
        int lease = hold();
        if (!retired) {
            return lease;
        }
        release(lease);
        return NO_LEASE;
    }

    @Override
    public void release(int lease) {
        OPEN_COUNT.getAndAdd(this, -1);
        if (retired) {
            handOverIfIdle();
        }
    }

    /** No new lease from here on; the owner is reclaimed when the last one has ended. */
    public void retire() {
        retired = true;
        handOverIfIdle();
    }

    /** Whether anyone holds a lease. */
    public boolean isHeld() {
        return openCount != 0;
    }

    private void handOverIfIdle() {
        if (!isHeld() && HANDED_OVER.compareAndSet(this, false, true)) {
            reclaimer.reclaimIdle(owner);
        }
    }
}
