package dev.penstock.tools.top;

import dev.penstock.tools.client.RespValue;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How long commands took between two readings. The server counts them in buckets; a percentile is the upper bound of
 * the bucket that it falls into.
 */
final class Latencies {

    /** Counts by upper bounds in microseconds, such as "8=120,16=7,inf=1". */
    static final String FIGURE = "command_durations_usec";

    /** The upper bound of the last bucket but one; what took longer is in the bucket {@code inf}. */
    static final double LAST_BOUND_MICROS = 1 << 22;

    private Latencies() {}

    /** Adds the percentiles of all commands as a section; none if the server does not count. */
    static void section(FrameBuilder frame) {
        NavigableMap<Double, Double> counts = frame.growthByNumber(FIGURE);
        if (counts.isEmpty()) {
            return;
        }
        percentile(frame, "p50Micros", "p50", counts, 0.5);
        percentile(frame, "p99Micros", "p99", counts, 0.99);
        percentile(frame, "p999Micros", "p99.9", counts, 0.999);
        percentile(frame, "maxMicros", "max", counts, 1);
        frame.section("latency");
    }

    private static void percentile(
            FrameBuilder frame, String name, String label, NavigableMap<Double, Double> counts, double share) {
        Double bound = bound(counts, share);
        if (bound == null) {
            frame.figure(name, label, "-", null);
        } else if (bound.isInfinite()) {
            // JSON has no such number.
            frame.figure(name, label, "> " + time(LAST_BOUND_MICROS), null);
        } else {
            frame.figure(name, label, "<= " + time(bound), bound);
        }
    }

    /** The bound that the share of all counted kept to; null if nothing was counted. */
    static @Nullable Double bound(NavigableMap<Double, Double> counts, double share) {
        double all = counts.values().stream().mapToDouble(Double::doubleValue).sum();
        double wanted = Math.ceil(share * all);
        double seen = 0;
        for (Map.Entry<Double, Double> each : counts.entrySet()) {
            seen += each.getValue();
            if (all > 0 && seen >= wanted) {
                return each.getKey();
            }
        }
        return null;
    }

    private static String time(double micros) {
        if (micros < 10_000) {
            return String.format(Locale.ROOT, "%.0f us", micros);
        }
        return micros < 1_000_000
                ? String.format(Locale.ROOT, "%.0f ms", micros / 1000)
                : String.format(Locale.ROOT, "%.1f s", micros / 1_000_000);
    }

    /**
     * The reply of Redis to LATENCY HISTOGRAM as {@link #FIGURE}: for each command the calls that took at most so many
     * microseconds, where each bucket includes those below it.
     *
     * @return empty if it is something else, such as the error that a user without the right gets
     */
    static String ofRedis(RespValue reply) {
        TreeMap<Long, Long> sums = new TreeMap<>();
        List<RespValue> commands = reply.asItems();
        for (int i = 1; i < commands.size(); i += 2) {
            List<RespValue> fields = commands.get(i).asItems();
            for (int field = 0; field + 1 < fields.size(); field += 2) {
                if (fields.get(field).asText().equals("histogram_usec")) {
                    add(fields.get(field + 1).asItems(), sums);
                }
            }
        }
        StringJoiner counts = new StringJoiner(",");
        sums.forEach((bound, count) -> counts.add(bound + "=" + count));
        return counts.toString();
    }

    private static void add(List<RespValue> buckets, Map<Long, Long> sums) {
        long before = 0;
        for (int i = 0; i + 1 < buckets.size(); i += 2) {
            long bound = ServerSource.whole(buckets.get(i).asText());
            long count = ServerSource.whole(buckets.get(i + 1).asText());
            sums.merge(bound, count - before, Long::sum);
            before = count;
        }
    }
}
