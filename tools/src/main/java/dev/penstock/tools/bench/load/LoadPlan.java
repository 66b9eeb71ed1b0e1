package dev.penstock.tools.bench.load;

import java.time.Duration;

/**
 * The requests of a run. Immutable.
 *
 * @param workload what the requests do
 * @param distribution how the keys are spread
 * @param keyCount keys that the fill stores and the requests ask for, 1 or more
 * @param keyPrefix what every key begins with, ASCII, at most 200 characters
 * @param sizes how long the values are
 * @param rate requests due per second, in all; infinite for as many as the replies allow
 * @param warmUp time in which requests are sent and not counted
 * @param duration time in which requests are due that are counted, above zero
 * @param connections number of connections, 1 or more
 * @param pipeline most unanswered requests on one connection, 1 or more
 * @param threads event loops that share the connections, at least one and at most one per connection
 * @param fill whether the keys are stored first
 * @param run whether requests are sent; otherwise the run ends with the fill
 * @param seed of everything that is drawn
 */
public record LoadPlan(
        Workload workload,
        KeyDistribution distribution,
        long keyCount,
        String keyPrefix,
        ValueSizes sizes,
        double rate,
        Duration warmUp,
        Duration duration,
        int connections,
        int pipeline,
        int threads,
        boolean fill,
        boolean run,
        long seed) {

    /** Most keys of a fill. */
    public static final long MAX_KEYS = 1L << 40;

    /** Most characters that every key may begin with. */
    public static final int MAX_PREFIX_LENGTH = 200;

    private static final long MAX_IN_FLIGHT = 1_000_000;

    public LoadPlan {
        require(keyCount >= 1 && keyCount <= MAX_KEYS, "the number of keys must be from 1 to " + MAX_KEYS);
        require(
                keyPrefix.length() <= MAX_PREFIX_LENGTH
                        && keyPrefix.chars().allMatch(letter -> letter >= ' ' && letter < 0x7f),
                "the key prefix must be at most " + MAX_PREFIX_LENGTH + " printable ASCII characters");
        require(rate > 0, "the rate must be above 0");
        require(!warmUp.isNegative(), "the warm-up must not be negative");
        require(duration.isPositive(), "the duration must be above 0");
        require(connections >= 1 && connections <= 50_000, "the number of connections must be from 1 to 50000");
        require(pipeline >= 1 && pipeline <= 50_000, "the pipeline must be from 1 to 50000 requests deep");
        require(
                (long) connections * pipeline <= MAX_IN_FLIGHT,
                "the connections times the pipeline must be at most " + MAX_IN_FLIGHT);
        require(threads >= 1 && threads <= connections, "there must be from 1 thread to one per connection");
        require(fill || run, "there is nothing to do: neither a fill nor a run");
    }

    private static void require(boolean condition, String problem) {
        if (!condition) {
            throw new IllegalArgumentException(problem);
        }
    }

    /** Whether requests follow replies instead of a schedule. */
    public boolean isSaturating() {
        return Double.isInfinite(rate);
    }
}
