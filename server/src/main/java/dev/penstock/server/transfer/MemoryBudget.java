package dev.penstock.server.transfer;

/**
 * How much memory all connections together may take for one purpose. What is not reserved is refused, so that a crowd
 * of clients cannot take what the JVM does not have.
 *
 * <p>Belongs to one event loop; not thread-safe.
 */
public final class MemoryBudget {

    private final String purpose;
    private final long limit;
    private long used;

    MemoryBudget(String purpose, long limit) {
        this.purpose = purpose;
        this.limit = limit;
    }

    /** @throws OutOfBudgetException if it does not fit; then nothing is reserved */
    public void reserve(long bytes) {
        if (bytes > limit - used) {
            throw new OutOfBudgetException(purpose, limit);
        }
        used += bytes;
    }

    public void release(long bytes) {
        used -= bytes;
    }

    public long limit() {
        return limit;
    }

    public long used() {
        return used;
    }

    /** Whether half of it is taken: time to be sparing. */
    public boolean isTight() {
        return used > limit / 2;
    }
}
