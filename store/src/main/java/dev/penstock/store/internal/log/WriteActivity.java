package dev.penstock.store.internal.log;

/** Lets an observer poll whether anything except compaction writes to the log. One thread. */
public final class WriteActivity {

    /** The log's own records, such as retirements, are stored as well. */
    private static final long QUIET_LENGTH = 64 << 10;

    private final Log log;
    private long seenBytes;

    public WriteActivity(Log log) {
        this.log = log;
        this.seenBytes = log.storedBytes();
    }

    /** Whether hardly anything was stored since the last look. */
    public boolean isQuiet() {
        long stored = log.storedBytes();
        boolean quiet = stored - seenBytes < QUIET_LENGTH;
        seenBytes = stored;
        return quiet;
    }
}
