package dev.penstock.server.metrics;

import dev.penstock.server.transfer.Counter;
import dev.penstock.server.transfer.TransferCounts;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Sums of the counters of a server's event loops. Any thread; a counter may be slightly out of date.
 */
public final class ServerMetrics {

    private final List<LoopMetrics> loops = new CopyOnWriteArrayList<>();

    public void add(LoopMetrics loop) {
        loops.add(loop);
    }

    /** A counter's sum over all event loops since the start. */
    public long total(Function<LoopMetrics, Counter> counter) {
        return sum(counter, Counter::total);
    }

    /** The same since the start, or since counting was begun anew. */
    public long count(Function<LoopMetrics, Counter> counter) {
        return sum(counter, Counter::count);
    }

    /** How much was added in the last second. */
    public long perSecond(Function<LoopMetrics, Counter> counter) {
        return sum(counter, Counter::perSecond);
    }

    private long sum(Function<LoopMetrics, Counter> counter, ToLongFunction<Counter> figure) {
        long sum = 0;
        for (LoopMetrics loop : loops) {
            sum += figure.applyAsLong(counter.apply(loop));
        }
        return sum;
    }

    /** How often errors with each code were the reply, in the order of the codes. */
    public Map<String, Long> errorCounts() {
        Map<String, Long> sums = new TreeMap<>();
        for (LoopMetrics loop : loops) {
            loop.errorsByCode().forEach((code, counter) -> sums.merge(code, counter.count(), Long::sum));
        }
        return sums;
    }

    /** What became of each command, by full name. */
    public Map<String, CommandMetrics> commandMetrics() {
        Map<String, CommandMetrics> sums = new TreeMap<>();
        for (LoopMetrics loop : loops) {
            loop.commandMetrics()
                    .forEach((name, metrics) -> sums.computeIfAbsent(name, _ -> new CommandMetrics())
                            .add(metrics));
        }
        return sums;
    }

    /** Begins counting anew. */
    public void resetCounts() {
        loops.forEach(loop -> loop.forget());
    }

    /** How long ago the event loop ended its last turn whose last turn was the longest ago. */
    public Duration sinceAllTurned() {
        long now = System.nanoTime();
        return Duration.ofNanos(loops.stream()
                .mapToLong(loop -> Math.max(0, now - loop.turnedAtNanos()))
                .max()
                .orElse(0));
    }

    /** Of all commands since the start. */
    public LatencyHistogram latencies() {
        LatencyHistogram sum = new LatencyHistogram();
        loops.forEach(loop -> sum.add(loop.latencies()));
        return sum;
    }

    /** What moved how, for clients of both protocols. */
    public TransferCounts transfers() {
        TransferCounts sum = httpTransfers();
        loops.forEach(loop -> sum.add(loop.transfers()));
        return sum;
    }

    /** What moved how by HTTP. */
    public TransferCounts httpTransfers() {
        TransferCounts sum = new TransferCounts();
        loops.forEach(loop -> sum.add(loop.httpTransfers()));
        return sum;
    }
}
