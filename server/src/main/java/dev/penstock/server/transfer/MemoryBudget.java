package dev.penstock.server.transfer;

/**
 * How much memory all connections together may take for one purpose. What is not reserved is refused, so that a crowd
 * of clients cannot take what the JVM does not have. A quarter is kept for those who have nothing yet: whoever wants
 * more and more is refused before anybody who asks for little.
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
        if (bytes > most - used) {
            throw new OutOfBudgetException(purpose, most);
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
