package dev.penstock.store.internal.reclaim;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The leases of all readers of the log, counted without a fence: an atomic instruction on every get would keep a
 * processor from working on the next get while the last one waits for memory, and that overlap is most of its speed.
 *
 * <p><b>Cells.</b> A platform thread owns a cell, found by its id, and counts its leases there with plain stores. A
 * thread that finds its cell taken, every virtual thread, and a thread that ends another thread's lease count
 * atomically on a second counter beside it. A lease is the index of its counter and which of the two it was begun on;
 * nothing is thread-local, and any number of virtual threads may read.
 *
 * <p><b>The reclaimer pays for the fence</b> (asymmetric barriers, as in Folly's hazard pointers and the kernel's
 * membarrier). A reader counts and then looks whether its segment is retired; the processor may swap the two. The
 * reclaimer marks the segment retired, and then closes a shared arena, for which the JVM stops every thread at a
 * safepoint poll: {@link #barrier}. A reader that counted before that stop is seen by the reclaimer; one that counts
 * after it sees the mark and backs out.
 *
 * <p><b>Two parities</b>, as in sleepable RCU, let a grace period end although leases overlap without a pause: new
 * leases are counted on the current parity, and the other one only drains. Each counter only needs to be seen at zero
 * once after the barrier: what it counts later is for readers that have seen the mark, or read something else.
 *
 * <p><b>Shared leases.</b> A grace period waits for leases that were open when it began, and not for those that begin
 * later. So a second lease does not prolong the first one: it may be on the other parity, or on a cell that was seen at
 * zero. All holders of a shared lease are on one atomic counter, which is above zero until the last of them has ended
 * it.
 *
 * <p>{@link #open}, {@link #openShared}, {@link #share} and {@link #close}: any thread. The rest: the reclaimer's
 * thread.
 */
public final class ReaderLeases {

    private static final int CELL_COUNT = 256;
    /** Counters lie a cache line apart, so that no two threads write to the same line. */
    private static final int STRIDE_SHIFT = 3;

    private static final int PARITIES = 2;
    private static final int COUNTERS = CELL_COUNT * PARITIES;
    private static final long UNOWNED = 0;
    /** In the low bits of a lease, which the stride leaves free. */
    private static final int BEGUN_BY_OWNER = 1;

    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);

    /** What the owner of a cell has opened less what it has closed. Written by the owner alone. */
    private final long[] own = new long[COUNTERS << STRIDE_SHIFT];
    /** What all others have opened less what they have closed; they also close leases that the owner opened. */
    private final AtomicLongArray shared = new AtomicLongArray(COUNTERS << STRIDE_SHIFT);

    private final long[] ownerIds = new long[CELL_COUNT];
    private final Owner[] owners = new Owner[CELL_COUNT];
    private volatile int parity;

    /** The owner of a cell, known weakly: a thread that is gone must not be kept. */
    private static final class Owner extends WeakReference<Thread> {

        Owner(Thread thread) {
            super(thread);
        }

        boolean isGone() {
            Thread thread = get();
            return thread == null || !thread.isAlive();
        }
    }

    /** Begins a lease. The caller then looks whether what it wants to read is retired, and if so ends the lease. */
    public int open() {
        Thread thread = Thread.currentThread();
        long id = thread.threadId();
        int cell = (int) id & (CELL_COUNT - 1);
        int counter = (cell << 1 | parity) << STRIDE_SHIFT;
        if ((long) ELEMENT.getOpaque(ownerIds, cell) == id || isClaimed(cell, thread)) {
            ELEMENT.setOpaque(own, counter, own[counter] + 1);
            return counter | BEGUN_BY_OWNER;
        }
        shared.getAndIncrement(counter);
        return counter;
    }

    /**
     * Begins a lease that several can hold; see {@link #share}. The caller looks at nothing that was retired before.
     */
    public int openShared() {
        int cell = (int) Thread.currentThread().threadId() & (CELL_COUNT - 1);
        int counter = (cell << 1 | parity) << STRIDE_SHIFT;
        shared.getAndIncrement(counter);
        return counter;
    }

    /**
     * Adds a holder to a lease of {@link #openShared} that is held already. Each holder {@linkplain #close ends} it
     * once.
     */
    public void share(int lease) {
        shared.getAndIncrement(lease);
    }

    /** Ends a lease. */
    public void close(int lease) {
        int counter = lease & -(1 << STRIDE_SHIFT);
        int cell = counter >> STRIDE_SHIFT + 1;
        if ((lease & BEGUN_BY_OWNER) != 0
                && (long) ELEMENT.getOpaque(ownerIds, cell)
                        == Thread.currentThread().threadId()) {
            // What was read under the lease was read before: neither the compiler nor the processor may defer it.
            ELEMENT.setRelease(own, counter, own[counter] - 1);
        } else {
            shared.getAndDecrement(counter);
        }
    }

    /** Makes a cell the thread's own if nobody's, or if its owner has ended. */
    private boolean isClaimed(int cell, Thread thread) {
        if (thread.isVirtual()) {
            return false;
        }
        Owner owner = owners[cell];
        if (owner != null && !owner.isGone()) {
            return false;
        }
        return claim(cell, thread);
    }

    private synchronized boolean claim(int cell, Thread thread) {
        if (ownerIds[cell] != UNOWNED && !owners[cell].isGone()) {
            return false;
        }
        // A thread seen to have ended has made all its stores visible: its counts continue from where they are.
        owners[cell] = new Owner(thread);
        ELEMENT.setRelease(ownerIds, cell, thread.threadId());
        return true;
    }

    // --- the reclaimer's side ---

    /** Every thread has passed a stop of its own between the call and the return. */
    static void barrier() {
        Arena.ofShared().close();
    }

    int parity() {
        return parity;
    }

    /** New leases are counted on the other parity, save for those of readers that are just at it. */
    void flip() {
        parity ^= 1;
    }

    /**
     * Looks at the counters of a parity.
     *
     * @param seenZero the cells whose counter was seen at zero; added to
     * @return whether all were
     */
    boolean isDrained(int whichParity, BitSet seenZero) {
        for (int cell = seenZero.nextClearBit(0); cell < CELL_COUNT; cell = seenZero.nextClearBit(cell + 1)) {
            int counter = (cell << 1 | whichParity) << STRIDE_SHIFT;
            // In this order: an end that is counted here is of a lease whose beginning is counted here or there. (An
            // owner never ends on its own counter what was begun on the shared one, or the sum could be zero too
            // early.)
            long ended = shared.get(counter);
            if (ended + (long) ELEMENT.getAcquire(own, counter) == 0) {
                seenZero.set(cell);
            }
        }
        return seenZero.cardinality() == CELL_COUNT;
    }
}
