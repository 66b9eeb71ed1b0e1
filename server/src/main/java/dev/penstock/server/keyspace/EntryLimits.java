package dev.penstock.server.keyspace;

import dev.penstock.server.resp.CommandError;

/**
 * What the commands of one entry of a replicated log may read and change. Each replica must come to the same replies,
 * so the limits are counted in lengths of values, which are the same everywhere, and never in memory that is left. A
 * command that exceeds one is refused, and changes nothing. Not thread-safe.
 */
public final class EntryLimits {

    /** Values of this length and more are not replicated. */
    public static final int VALUE_LENGTH = 1 << 20;

    /** The reply to a command that would make such a value. */
    public static final String VALUE_TOO_LONG = "ERR a node of a cluster takes values of less than 1 MiB";

    private static final long MOST_BYTES = 16L << 20;

    private long changed;
    private long read;
    private boolean countsReads = true;

    /** Whether values that are read count from now on. Those that only the leader reads must not. */
    public void countReads(boolean on) {
        countsReads = on;
    }

    /** A command is about to store a value that it brought. */
    void store(long length) {
        if (length >= VALUE_LENGTH) {
            throw new CommandError(VALUE_TOO_LONG);
        }
    }

    /** A command is about to store a value that is not, or not only, its argument. */
    void derive(long length) {
        store(length);
        changed = sum(changed, length, "change");
    }

    /** A command is about to read a value. */
    void read(long length) {
        if (countsReads) {
            read = sum(read, length, "read");
        }
    }

    private static long sum(long before, long length, String verb) {
        if (before + length > MOST_BYTES) {
            throw new CommandError("ERR commands that are replicated together may " + verb + " " + MOST_BYTES
                    + " bytes of values at most");
        }
        return before + length;
    }
}
