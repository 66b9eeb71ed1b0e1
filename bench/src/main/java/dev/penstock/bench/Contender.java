package dev.penstock.bench;

/**
 * A key-value store under measurement. Safe for many threads; each thread works through a {@link Session} of its own,
 * because some engines tie buffers or transactions to a thread.
 */
interface Contender extends AutoCloseable {

    /** A session for the calling thread, which also closes it. */
    Session session();

    /** Bytes the store takes on disk; 0 for one that lives in memory. */
    long diskBytes();

    @Override
    void close();
}
