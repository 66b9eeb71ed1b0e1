package dev.penstock.bench.engine;

/**
 * A key-value store under measurement. Safe for many threads; each thread works through a {@link ContenderSession} of
 * its own, because some engines tie buffers or transactions to a thread.
 */
public interface Contender extends AutoCloseable {

    /** A session for the calling thread, which also closes it. */
    ContenderSession session();

    /** Bytes the store takes on disk; 0 for one that lives in memory. */
    long diskBytes();

    @Override
    void close();
}
