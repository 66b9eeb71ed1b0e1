package dev.penstock.store.internal.io;

import java.io.File;
import java.util.OptionalLong;

/** The limit of open files of the process, the number in use, and the store's division of them. */
public final class DescriptorLimit {

    private static final File OPEN = new File("/proc/self/fd");
    /** What POSIX systems give at least, where the limit is not known. */
    private static final int USUAL_LIMIT = 1024;

    /**
     * For the JVM, the lock and the directory, a force, a checkpoint, the next segment, a backup, the first
     * connections.
     */
    private static final int RESERVE = 96;
    /** A file, a channel that sends it, and a way past the page cache. */
    private static final int DESCRIPTORS_PER_FILE = 3;

    private static final int FEWEST_FILES = 8;
    /** To open one again takes some microseconds: more are not worth the kernel's memory. */
    private static final int MOST_FILES = 4096;

    private static final OptionalLong LIMIT = ProcessLimit.of(ProcessLimit.OPEN_FILES);

    private DescriptorLimit() {}

    /** The limit of this process; empty if it is not known. */
    public static OptionalLong known() {
        return LIMIT;
    }

    /** How many this process has open; empty if that is not known, as when none is left to count with. */
    public static OptionalLong countOpen() {
        String[] names = OPEN.list();
        return names == null ? OptionalLong.empty() : OptionalLong.of(names.length);
    }

    /** The limit of this process. */
    static int ofProcess() {
        return (int) Math.min(Integer.MAX_VALUE, LIMIT.orElse(USUAL_LIMIT));
    }

    /**
     * How many files may stay open though nobody uses them just now, where the process may have so many descriptors.
     */
    static int idleFiles(int limit) {
        return Math.clamp((limit - RESERVE) / DESCRIPTORS_PER_FILE, FEWEST_FILES, MOST_FILES);
    }
}
