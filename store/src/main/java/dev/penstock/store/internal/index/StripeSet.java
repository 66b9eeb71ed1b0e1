package dev.penstock.store.internal.index;

import java.lang.invoke.VarHandle;

/**
 * The stripes of several keys that are read as of one moment.
 *
 * <p>The reads run without a lock, as with a seqlock (Lameter, 2005; Boehm, 2012): each stripe counts its changes, the
 * count is odd while keys change together, and the reads count if every stripe has the same even count before and after
 * them. Since this ignores which key changed, busy writers can make it fail repeatedly. After {@value
 * #READS_WITHOUT_LOCKS} attempts the reads run under the locks of the stripes, which writers hold from checking their
 * preconditions to the last of their changes.
 *
 * <p>Reusable; allocates nothing. One thread at a time.
 */
public final class StripeSet {

    private static final int READS_WITHOUT_LOCKS = 4;

    private final Stripe[] stripes;
    private final int[] counts = new int[KeyDirectory.STRIPE_COUNT];
    private long mask;
    private boolean isReading;

    StripeSet(Stripe[] stripes) {
        this.stripes = stripes;
    }

    /** Adds the stripe of a key's hash. */
    public void add(long hash) {
        requireIdle();
        mask |= 1L << KeyDirectory.stripe(hash);
    }

    /** What is locked is unlocked by the same mask. */
    private void requireIdle() {
        if (isReading) {
            throw new IllegalStateException("the consistent read is running; take another one within its reads");
        }
    }

    /**
     * Makes reads of keys whose stripes were added, again until they are of one moment, and forgets the stripes.
     *
     * @throws IllegalStateException if called by the reads themselves, as {@link #add}
     */
    public void read(Runnable reads) {
        requireIdle();
        isReading = true;
        try {
            readAtOneMoment(reads);
        } finally {
            isReading = false;
            mask = 0;
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // who changes several keys may have lost the processor
    private void readAtOneMoment(Runnable reads) {
        for (int attempt = 0; attempt < READS_WITHOUT_LOCKS; attempt++) {
            if (readWithoutLocks(reads)) {
                return;
            }
        }
        while (!readUnderLocks(reads)) {
            Thread.yield();
        }
    }

    private boolean readWithoutLocks(Runnable reads) {
        if (!noteCounts()) {
            Thread.onSpinWait();
            return false;
        }
        reads.run();
        return isUnchanged();
    }

    /** False, and nothing is read, if a follower is making changes, which takes the locks one by one. */
    private boolean readUnderLocks(Runnable reads) {
        int held = 0;
        try {
            for (; held < stripes.length; held++) {
                if (contains(held)) {
                    stripes[held].lock().lock();
                }
            }
            if (!noteCounts()) {
                return false;
            }
            reads.run();
            return isUnchanged();
        } finally {
            while (held > 0) {
                if (contains(--held)) {
                    stripes[held].lock().unlock();
                }
            }
        }
    }

    private boolean contains(int stripe) {
        return (mask >>> stripe & 1) != 0;
    }

    /** Whether nothing is being changed. */
    private boolean noteCounts() {
        for (long left = mask; left != 0; left &= left - 1) {
            int stripe = Long.numberOfTrailingZeros(left);
            counts[stripe] = stripes[stripe].changeCountAcquire();
            if ((counts[stripe] & 1) != 0) {
                return false;
            }
        }
        return true;
    }

    private boolean isUnchanged() {
        VarHandle.loadLoadFence();
        for (long left = mask; left != 0; left &= left - 1) {
            int stripe = Long.numberOfTrailingZeros(left);
            if (stripes[stripe].changeCountAcquire() != counts[stripe]) {
                return false;
            }
        }
        return true;
    }
}
