package dev.penstock.server.net;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * Keeps file descriptors of the process for the store, the status port and the JVM: a client gets one only while more are
 * left than are kept. How many are open is counted at most every {@link #COUNT_MILLIS}, since that takes long where there are
 * many; between two counts the clients that were let in are subtracted.
 *
 * <p>One thread.
 */
final class DescriptorReserve {

    /** Sixteen for connections to the status port, and sixteen for files. */
    static final int KEPT = 32;

    static final long COUNT_MILLIS = 100;

    /** The same while there are none to give. */
    static final long RECOUNT_MILLIS = 10;

    private static final long UNKNOWN = -1;
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final String OPEN_FILES = "Max open files";
    private static final File OPEN = new File("/proc/self/fd");

    private final long limit;
    private final LongSupplier open;
    private long countedMillis;
    private long left;

    /** @param open how many are open, or a negative number where that cannot be told because none is left */
    DescriptorReserve(long limit, LongSupplier open) {
        this.limit = limit;
        this.open = open;
    }

    /** Of this process. Where its limit or its descriptors are not known, there is always one more. */
    static DescriptorReserve ofProcess() {
        long limit = processLimit();
        return new DescriptorReserve(countOpen() == UNKNOWN ? Long.MAX_VALUE : limit, DescriptorReserve::countOpen);
    }

    private static long countOpen() {
        String[] names = OPEN.list();
        return names == null ? UNKNOWN : names.length;
    }

    private static long processLimit() {
        try {
            for (String line : Files.readAllLines(LIMITS)) {
                if (line.startsWith(OPEN_FILES)) {
                    String soft = line.substring(OPEN_FILES.length()).strip().split("\\s+", 2)[0];
                    return soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft);
                }
            }
            return Long.MAX_VALUE;
        } catch (IOException | NumberFormatException e) {
            return Long.MAX_VALUE; // not Linux
        }
    }

    /** Takes one for a client whose socket is open already; false if it must be closed again. */
    boolean take(long nowMillis) {
        if (limit == Long.MAX_VALUE) {
            return true;
        }
        if (nowMillis - countedMillis >= (left > 0 ? COUNT_MILLIS : RECOUNT_MILLIS)) {
            countedMillis = nowMillis;
            long now = open.getAsLong();
            left = now < 0 ? 0 : limit - now - KEPT + 1; // the client's own is among the open ones
        }
        if (left <= 0) {
            return false;
        }
        left--;
        return true;
    }
}
