package dev.penstock.store.internal.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How many files the process may have open, and how the store divides that. */
final class DescriptorLimit {

    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final String OPEN_FILES = "Max open files";
    /** What POSIX systems give at least, where the limit is not known. */
    private static final int USUAL_LIMIT = 1024;

    /** For the JVM, the lock and the directory, a force, a checkpoint, the next segment, a backup, the first connections. */
    private static final int RESERVE = 96;
    /** A file, a channel that sends it, and a way past the page cache. */
    private static final int DESCRIPTORS_PER_FILE = 3;

    private static final int FEWEST_FILES = 8;
    /** To open one again takes some microseconds: more are not worth the kernel's memory. */
    private static final int MOST_FILES = 4096;

    private static final int LIMIT = read();

    private DescriptorLimit() {}

    /** The limit of this process. */
    static int ofProcess() {
        return LIMIT;
    }

    /** How many files may stay open though nobody uses them just now, where the process may have so many descriptors. */
    static int idleFiles(int limit) {
        return Math.clamp((limit - RESERVE) / DESCRIPTORS_PER_FILE, FEWEST_FILES, MOST_FILES);
    }

    private static int read() {
        try {
            for (String line : Files.readAllLines(LIMITS)) {
                if (line.startsWith(OPEN_FILES)) {
                    String soft = line.substring(OPEN_FILES.length()).strip().split("\\s+", 2)[0];
                    return soft.equals("unlimited")
                            ? Integer.MAX_VALUE
                            : (int) Math.min(Integer.MAX_VALUE, Long.parseLong(soft));
                }
            }
        } catch (IOException | NumberFormatException unknown) {
            return USUAL_LIMIT;
        }
        return USUAL_LIMIT;
    }
}
