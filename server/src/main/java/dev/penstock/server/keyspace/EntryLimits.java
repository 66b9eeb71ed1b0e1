package dev.penstock.server.keyspace;

import dev.penstock.server.resp.CommandError;
import dev.penstock.server.turn.Turn;

/**
 * What a step of a replicated log, which is a command or a transaction, may read and change. Each replica must come to
 * the same replies, so the limits are counted in lengths of values, which are the same everywhere, and never in memory
 * that is left. A command that exceeds one is refused, and changes nothing.
 *
 * <p>No limit depends on what else an entry has: its steps are of clients that know nothing of each other.
 *
 * <p>Commands of a transaction that only read are executed by the leader alone, for their replies. Their limits bound
 * how long that takes, and what it holds in memory. Not thread-safe.
 */
public final class EntryLimits {

    /** Values of this length and more are not replicated. */
    public static final int VALUE_LENGTH = 1 << 20;

    /** The reply to a command that would make such a value. */
    public static final String VALUE_TOO_LONG = "ERR a node of a cluster takes values of less than 1 MiB";

    /** Of values that a step changes, all of which are in one batch of the store. */
    private static final long MOST_CHANGED_BYTES = 16L << 20;

    /** Of values that commands of a step read which write. */
    private static final long MOST_READ_BYTES = 64L << 20;

    /** Of values that one command reads which only reads. */
    private static final long MOST_BYTES_OF_READ = 64L << 20;

    /** What all commands of a step that only read may take: half a second, about. */
    private static final long MOST_READING_STEPS = 100 * Turn.STEPS;

    private long changedInAll;
    private long changed;
    private long read;
    private long readByCommand;
    private long readingSteps;
    private boolean readsOnly;

    /** A step begins. */
    public void beginStep() {
        changed = 0;
        read = 0;
        readingSteps = 0;
    }

    /**
     * A command begins.
     *
     * @param only whether it only reads
     */
    public void beginCommand(boolean only) {
        readsOnly = only;
        readByCommand = 0;
    }

    /** Bytes of values that all steps have changed, without those that they brought. */
    public long changedInAll() {
        return changedInAll;
    }

    /**
     * Counts work of commands of the step that only read.
     *
     * @param steps of a {@link Turn}
     * @return whether there may be more of it
     */
    public boolean admitReading(long steps) {
        readingSteps += steps;
        return readingSteps < MOST_READING_STEPS;
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
        changed = sum(changed, length, MOST_CHANGED_BYTES, "change");
        changedInAll += length;
    }

    /** A command is about to read a value. */
    void read(long length) {
        if (readsOnly) {
            readByCommand = sum(readByCommand, length, MOST_BYTES_OF_READ, "read");
        } else {
            read = sum(read, length, MOST_READ_BYTES, "read");
        }
    }

    private static long sum(long before, long length, long most, String verb) {
        if (before + length > most) {
            throw new CommandError("ERR a command or transaction on a node of a cluster may " + verb + " "
                    + (most >> 20) + " MiB of values at most");
        }
        return before + length;
    }
}
