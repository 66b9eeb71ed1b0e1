package dev.penstock.store.internal.io;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** Unmaps files, and reads the limit of mappings. */
public final class Mappings {

    private static final long RETRY_NANOS = 100_000;
    private static final int RETRY_COUNT = 50_000;

    private static final Path LIMIT = Path.of("/proc/sys/vm/max_map_count");
    private static final int MOST_DIGITS = 20;
    private static final int USUAL_LIMIT = 65_530;
    private static final int MOST = limit();

    private Mappings() {}

    /** How many a process may have, those of the JVM's own included. */
    public static int mostInProcess() {
        return MOST;
    }

    private static int limit() {
        try (InputStream file = Files.newInputStream(LIMIT)) {
            // In one go: the kernel tells the number once, from its beginning.
            String number = new String(file.readNBytes(MOST_DIGITS), StandardCharsets.US_ASCII);
            return (int) Math.min(Integer.MAX_VALUE, Long.parseLong(number.strip()));
        } catch (IOException | NumberFormatException unknown) {
            return USUAL_LIMIT;
        }
    }

    /**
     * Closes an arena, waiting for system calls that are reading from it on other threads. Such a call ends within its
     * channel's own time; one that does not end in five seconds keeps its mapping until the process ends, which is
     * better than pulling it away.
     *
     * @return whether the arena is closed
     */
    public static boolean close(Arena arena) {
        for (int attempt = 0; attempt < RETRY_COUNT; attempt++) {
            if (!arena.scope().isAlive()) {
                return true;
            }
            try {
                arena.close();
                return true;
            } catch (IllegalStateException busy) {
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
        return false;
    }
}
