package dev.penstock.store.internal.io;

import java.lang.foreign.Arena;
import java.util.concurrent.locks.LockSupport;

/** Ends mappings. */
public final class Mappings {

    private static final long RETRY_NANOS = 100_000;
    private static final int RETRY_COUNT = 50_000;

    private Mappings() {}

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
