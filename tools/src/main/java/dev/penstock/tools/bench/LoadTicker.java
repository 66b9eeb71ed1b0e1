package dev.penstock.tools.bench;

import dev.penstock.tools.bench.load.LoadPlan;
import dev.penstock.tools.bench.load.RequestKind;
import dev.penstock.tools.console.Console;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** A line on standard error, if that is a terminal, with what the last second of a measurement showed. One thread. */
public final class LoadTicker implements AutoCloseable {

    private static final String CLEAR_LINE = "\r\033[K";

    private final Console console;
    private final LoadPlan plan;
    private long lastNanos;
    private boolean shown;

    public LoadTicker(Console console, LoadPlan plan) {
        this.console = console;
        this.plan = plan;
    }

    public void show(long nowNanos, Map<RequestKind, Histogram> latencies) {
        if (console.columns() == 0) {
            return;
        }
        long count = 0;
        long slowest = 0;
        for (Histogram histogram : latencies.values()) {
            count += histogram.getTotalCount();
            slowest = Math.max(slowest, histogram.getMaxValue());
        }
        double seconds = (double) Math.max(1, nowNanos - lastNanos) / TimeUnit.SECONDS.toNanos(1);
        lastNanos = nowNanos;
        String line = String.format(
                Locale.ROOT,
                "%d of %d s, %.0f requests per second, slowest %.3f ms",
                TimeUnit.NANOSECONDS.toSeconds(nowNanos),
                plan.duration().toSeconds(),
                count / seconds,
                slowest / 1e6);
        console.err().print(CLEAR_LINE + line.substring(0, Math.min(line.length(), console.columns() - 1)));
        console.err().flush();
        shown = true;
    }

    @Override
    public void close() {
        if (shown) {
            console.err().print(CLEAR_LINE);
            console.err().flush();
        }
    }
}
