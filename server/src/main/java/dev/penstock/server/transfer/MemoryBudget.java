package dev.penstock.server.transfer;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the memory that all connections together may take for one purpose. A request beyond it is refused, so that
 * many clients cannot exhaust the JVM's memory. A quarter is reserved for connections that hold nothing yet: a
 * connection that takes more and more is refused before one that takes little.
 *
 * <p>Each event loop has a part of the budget, an object that is not thread-safe. The parts draw on a common sum in
 * steps, so that loops seldom contend. The unused rest of a part counts as used to the others; it is at most two steps
 * per loop.
 */
public final class MemoryBudget {

    private static final long STEP = 1 << 20;

    private final String purpose;
    private final long limit;
    private final AtomicLong drawn;
    private long granted;
    private long used;

    MemoryBudget(String purpose, long limit) {
        this(purpose, limit, new AtomicLong());
    }

    private MemoryBudget(String purpose, long limit, AtomicLong drawn) {
        this.purpose = purpose;
        this.limit = limit;
        this.drawn = drawn;
    }

    /** Another loop's part of the same budget. */
    MemoryBudget sibling() {
        return new MemoryBudget(purpose, limit, drawn);
    }

    /**
     * For a connection that holds nothing yet.
     *
     * @throws OutOfBudgetException if it does not fit; then nothing is reserved
     */
    public void reserveFirst(long bytes) {
        reserve(bytes, limit);
    }

    /** For a connection that holds something; see {@link #reserveFirst}. */
    public void reserveMore(long bytes) {
        reserve(bytes, limit / 4 * 3);
    }

    private void reserve(long bytes, long most) {
        long missing = used + bytes - granted;
        boolean fits = bytes <= most - usedByAll();
        if (!fits || (missing > 0 && !draw(Math.max(missing, STEP)) && !draw(missing))) {
            throw new OutOfBudgetException(purpose, most);
        }
        used += bytes;
    }

    private boolean draw(long bytes) {
        for (long now = drawn.get(); bytes <= limit - now; now = drawn.get()) {
            if (drawn.compareAndSet(now, now + bytes)) {
                granted += bytes;
                return true;
            }
        }
        return false;
    }

    /** What others have drawn is taken for used. */
    private long usedByAll() {
        return drawn.get() - (granted - used);
    }

    public void release(long bytes) {
        used -= bytes;
        long idle = granted - used;
        if (idle > 2 * STEP) {
            granted -= idle - STEP;
            drawn.addAndGet(STEP - idle);
        }
    }

    public long limit() {
        return limit;
    }

    /** By this part. */
    public long used() {
        return used;
    }

    /** Whether an eighth of it is taken. */
    public boolean isScarce() {
        return usedByAll() > limit / 8;
    }

    /** Whether half of it is taken: time to be sparing. */
    public boolean isTight() {
        return usedByAll() > limit / 2;
    }
}
