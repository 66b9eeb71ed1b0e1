package dev.penstock.cluster;

import java.time.Duration;
import java.util.concurrent.Callable;

/**
 * Waits for what has no signal of its own, such as an election in another process. The one place where the tests of
 * this module poll.
 */
public final class Polling {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long INTERVAL_MILLIS = 20;

    private Polling() {}

    /**
     * Returns when a condition holds.
     *
     * @throws AssertionError if it does not hold within a minute
     */
    public static void await(String what, Callable<Boolean> condition) throws Exception {
        await(what, LIMIT, condition, () -> "");
    }

    /**
     * Returns when a condition holds.
     *
     * @param otherwise what the error says besides
     * @throws AssertionError if it does not hold within the limit
     */
    public static void await(String what, Duration limit, Callable<Boolean> condition, Callable<String> otherwise)
            throws Exception {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited " + limit.toSeconds() + " s for " + what + otherwise.call());
            }
            Thread.sleep(INTERVAL_MILLIS);
        }
    }
}
