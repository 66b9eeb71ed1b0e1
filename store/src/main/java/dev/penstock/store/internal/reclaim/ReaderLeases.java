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

    /** Those of the owners: two for each cell, one behind the other. */
    private final OwnCounter[] own = new OwnCounter[COUNTERS];
    /** What all others have opened less what they have closed; they also close leases that the owner opened. */
    private final AtomicLongArray shared = new AtomicLongArray(COUNTERS << STRIDE_SHIFT);

    private final Owner[] owners = new Owner[CELL_COUNT];
    private volatile Parity parity;

    /** An object for each of the two, so that a counter of other leases has another one. */
    private static final class Parity {

        private final int number;

        Parity(int number) {
            this.number = number;
        }
    }

    /**
     * The leases that the owner of a cell has opened on one parity, minus those that it has closed. Only the owner
     * writes it. A frequent reader remembers the counter of its last lease, so that neither the beginning nor the end
     * of the next lease looks it up.
     */
    public static final class OwnCounter {

        /** Nobody's. */
        public static final OwnCounter NONE = new OwnCounter(new Parity(0), Leased.NO_LEASE);

        private static final VarHandle COUNT;

        static {
            try {
                COUNT = MethodHandles.lookup().findVarHandle(OwnCounter.class, "count", long.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private final Parity parity;
        private final int lease;
        /** Equal to a thread's id only if that thread has set it, so each knows its own without synchronization. */
        private long ownerId = UNOWNED;

        private long count;

        /** Keeps the next counter, which may be another thread's, off the processor's cache line. */
        @SuppressWarnings({"unused", "UnusedVariable", "MultiVariableDeclaration"})
        private long padding1, padding2, padding3, padding4, padding5, padding6, padding7, padding8;

        private OwnCounter(Parity parity, int lease) {
            this.parity = parity;
            this.lease = lease;
        }

        /** Whether the calling thread owns it. */
        public boolean isOwn() {
            return ownerId == Thread.currentThread().threadId();
        }

        private void begin() {
            COUNT.setOpaque(this, count + 1);
        }

        /** Ends a lease. Only if it {@link #isOwn}. */
        public void end() {
            // What was read under the lease was read before: neither the compiler nor the processor may defer it.
            COUNT.setRelease(this, count - 1);
        }
    }

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

    public ReaderLeases() {
        for (int number = 0; number < PARITIES; number++) {
            Parity each = new Parity(number);
            for (int cell = 0; cell < CELL_COUNT; cell++) {
                own[cell << 1 | number] = new OwnCounter(each, lease(cell, number) | BEGUN_BY_OWNER);
            }
        }
        parity = own[0].parity;
    }

    private static int lease(int cell, int parityNumber) {
        return (cell << 1 | parityNumber) << STRIDE_SHIFT;
    }

    /** Begins a lease. The caller then looks whether what it wants to read is retired, and if so ends the lease. */
    public int open() {
        Thread thread = Thread.currentThread();
        int cell = cellOf(thread);
        int number = parity.number;
        OwnCounter counter = own[cell << 1 | number];
        if (counter.isOwn() || isClaimed(cell, thread)) {
            counter.begin();
            return counter.lease;
        }
        int lease = lease(cell, number);
        shared.getAndIncrement(lease);
        return lease;
    }

    /**
     * Begins a lease as {@link #open} does, in the usual case with fewer instructions.
     *
     * @param used the counter of the caller's last lease, of these leases or of others
     * @return false if no lease was begun, because a new one belongs on another counter
     */
    public boolean begin(OwnCounter used) {
        if (used.parity != parity || !used.isOwn()) {
            return false;
        }
        used.begin();
        return true;
    }

    /** The counter of a lease if its owner began it; otherwise {@link OwnCounter#NONE}. */
    public OwnCounter counter(int lease) {
        return (lease & BEGUN_BY_OWNER) != 0 ? own[lease >> STRIDE_SHIFT] : OwnCounter.NONE;
    }

    private static int cellOf(Thread thread) {
        return (int) thread.threadId() & CELL_COUNT - 1;
    }

    /**
     * Begins a lease that several can hold; see {@link #share}. The caller looks at nothing that was retired before.
     */
    public int openShared() {
        int lease = lease(cellOf(Thread.currentThread()), parity.number);
        shared.getAndIncrement(lease);
        return lease;
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
        OwnCounter counter = counter(lease);
        if (counter.isOwn()) {
            counter.end();
        } else {
            shared.getAndDecrement(lease & -(1 << STRIDE_SHIFT));
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
        if (own[cell << 1].ownerId != UNOWNED && !owners[cell].isGone()) {
            return false;
        }
        // A thread seen to have ended has made all its stores visible: its counts continue from where they are.
        owners[cell] = new Owner(thread);
        for (int number = 0; number < PARITIES; number++) {
            own[cell << 1 | number].ownerId = thread.threadId();
        }
        return true;
    }

    // --- the reclaimer's side ---

    /** Every thread has passed a stop of its own between the call and the return. */
    static void barrier() {
        Arena.ofShared().close();
    }

    int parity() {
        return parity.number;
    }

    /** New leases are counted on the other parity, save for those of readers that are just at it. */
    void flip() {
        parity = own[parity.number ^ 1].parity;
    }

    /**
     * Looks at the counters of a parity.
     *
     * @param seenZero the cells whose counter was seen at zero; added to
     * @return whether all were
     */
    boolean isDrained(int whichParity, BitSet seenZero) {
        for (int cell = seenZero.nextClearBit(0); cell < CELL_COUNT; cell = seenZero.nextClearBit(cell + 1)) {
            // In this order: an end that is counted here is of a lease whose beginning is counted here or there. (An
            // owner never ends on its own counter what was begun on the shared one, or the sum could be zero too
            // early.)
            long ended = shared.get(lease(cell, whichParity));
            if (ended + (long) OwnCounter.COUNT.getAcquire(own[cell << 1 | whichParity]) == 0) {
                seenZero.set(cell);
            }
        }
        return seenZero.cardinality() == CELL_COUNT;
    }
}
