package dev.penstock.tools.bench;

import dev.penstock.tools.bench.load.LoadPlan;
import dev.penstock.tools.bench.load.LoadResult;
import dev.penstock.tools.bench.load.RequestKind;
import dev.penstock.tools.bench.load.Verdict;
import dev.penstock.tools.client.ServerAddress;
import dev.penstock.tools.console.Console;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.text.Size;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** What {@code bench} prints. Latencies are milliseconds. */
public final class BenchReport {

    private static final double NANOS_PER_MILLISECOND = 1e6;
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99};

    private final ServerAddress address;
    private final String server;
    private final LoadPlan plan;
    private final LoadResult result;
    private final double seconds;

    public BenchReport(ServerAddress address, String server, LoadPlan plan, LoadResult result) {
        this.address = address;
        this.server = server;
        this.plan = plan;
        this.result = result;
        this.seconds = plan.duration().toNanos() / 1e9;
    }

    public void print(Console console) throws IOException {
        field(console, "server", address + ", " + server);
        field(
                console,
                "keys",
                "%,d of '%s', values of %s bytes".formatted(plan.keyCount(), plan.keyPrefix(), plan.sizes()));
        if (plan.fill()) {
            double fillSeconds = result.fillTime().toNanos() / 1e9;
            field(
                    console,
                    "fill",
                    String.format(
                            Locale.ROOT,
                            "%,d keys, %s in %.1f s, %,.0f per second",
                            result.filledKeys(),
                            Size.of(result.filledBytes()),
                            fillSeconds,
                            result.filledKeys() / fillSeconds));
        }
        if (plan.run()) {
            printRun(console);
        }
        field(console, "seed", plan.seed());
        if (plan.run()) {
            printVerdict(console);
        }
    }

    private void printRun(Console console) throws IOException {
        field(
                console,
                "workload",
                "%s: %s; %s"
                        .formatted(
                                plan.workload(),
                                plan.workload().describe(),
                                plan.distribution().name().toLowerCase(Locale.ROOT)));
        field(
                console,
                "load",
                String.format(
                        Locale.ROOT,
                        "%s, %.1f s after %.1f s to warm up; %s, at most %d unanswered on each; %s",
                        plan.isSaturating()
                                ? "as fast as replies come"
                                : String.format(Locale.ROOT, "%,.0f requests per second", plan.rate()),
                        seconds,
                        plan.warmUp().toNanos() / 1e9,
                        Size.count(plan.connections(), "connection", "connections"),
                        plan.pipeline(),
                        Size.count(plan.threads(), "thread", "threads")));
        console.line("");
        StringBuilder head =
                new StringBuilder("%-17s %12s %10s %9s".formatted("latency in ms", "count", "per second", "mean"));
        for (double percentile : PERCENTILES) {
            head.append(" %9s".formatted("p" + percentile(percentile)));
        }
        console.line(head.append(" %9s".formatted("max")).toString());
        for (RequestKind kind : RequestKind.values()) {
            if (result.latencies().containsKey(kind)) {
                row(console, kind.label(), result.latencies().get(kind));
            }
        }
        row(console, "all", result.all());
        console.line("");
        if (result.missing() > 0) {
            field(console, "missing", "%,d reads of keys that were not there".formatted(result.missing()));
        }
        if (result.errors() > 0) {
            field(
                    console,
                    "errors",
                    "%,d, not in the table; the first: %s".formatted(result.errors(), result.firstError()));
        }
        if (result.unanswered() > 0) {
            field(
                    console,
                    "unanswered",
                    "%,d, in the table as long as they were waited for".formatted(result.unanswered()));
        }
    }

    private void printVerdict(Console console) throws IOException {
        String busy = String.format(Locale.ROOT, "busy %.0f %% of the time", 100 * result.busyShare());
        Histogram delay = result.delay();
        field(
                console,
                "generator",
                plan.isSaturating()
                        ? busy
                        : busy
                                + String.format(
                                        Locale.ROOT,
                                        ", late by its own fault: p50 %s, p99 %s, p99.9 %s, max %s ms",
                                        millis(delay.getValueAtPercentile(50)),
                                        millis(delay.getValueAtPercentile(99)),
                                        millis(delay.getValueAtPercentile(99.9)),
                                        millis(delay.getMaxValue())));
        field(console, "verdict", result.verdict().meaning());
    }

    private void row(Console console, String name, Histogram histogram) throws IOException {
        StringBuilder row = new StringBuilder(String.format(
                Locale.ROOT,
                "%-17s %,12d %,10.0f %9s",
                name,
                histogram.getTotalCount(),
                histogram.getTotalCount() / seconds,
                millis(histogram.getMean())));
        for (double percentile : PERCENTILES) {
            row.append(" %9s".formatted(millis(histogram.getValueAtPercentile(percentile))));
        }
        console.line(
                row.append(" %9s".formatted(millis(histogram.getMaxValue()))).toString());
    }

    private static String millis(long nanos) {
        return millis((double) nanos);
    }

    private static String millis(double nanos) {
        return String.format(Locale.ROOT, "%.3f", nanos / NANOS_PER_MILLISECOND);
    }

    private static String percentile(double percentile) {
        return percentile == Math.rint(percentile) ? Long.toString((long) percentile) : Double.toString(percentile);
    }

    private static void field(Console console, String name, Object value) throws IOException {
        console.line("%-10s %s".formatted(name, value));
    }

    /** For {@link Json}; docs/guide/operating.md lists the fields. */
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("address", address.toString());
        json.put("server", server);
        json.put("seed", plan.seed());
        json.put("keys", plan.keyCount());
        json.put("valueSize", plan.sizes().toString());
        if (plan.fill()) {
            json.put(
                    "fill",
                    Map.of(
                            "keys", result.filledKeys(),
                            "bytes", result.filledBytes(),
                            "seconds", result.fillTime().toNanos() / 1e9));
        }
        if (plan.run()) {
            jsonRun(json);
        }
        return json;
    }

    private void jsonRun(Map<String, Object> json) {
        json.put("workload", plan.workload().name());
        json.put("distribution", plan.distribution().name().toLowerCase(Locale.ROOT));
        json.put("rate", plan.isSaturating() ? "max" : plan.rate());
        json.put("seconds", seconds);
        json.put("warmUpSeconds", plan.warmUp().toNanos() / 1e9);
        json.put("connections", plan.connections());
        json.put("pipeline", plan.pipeline());
        json.put("threads", plan.threads());
        Map<String, Object> latencies = new LinkedHashMap<>();
        for (RequestKind kind : RequestKind.values()) {
            if (result.latencies().containsKey(kind)) {
                latencies.put(kind.label(), jsonOf(result.latencies().get(kind)));
            }
        }
        latencies.put("all", jsonOf(result.all()));
        json.put("latencyMillis", latencies);
        json.put("offered", result.offered());
        json.put("answered", result.answered());
        json.put("notSent", result.notSent());
        json.put("unanswered", result.unanswered());
        json.put("errors", result.errors());
        json.put("firstError", result.firstError());
        json.put("missing", result.missing());
        json.put("generator", jsonOfGenerator());
        json.put("verdict", label(result.verdict()));
    }

    private Map<String, Object> jsonOfGenerator() {
        Map<String, Object> generator = new LinkedHashMap<>();
        generator.put("busyShare", result.busyShare());
        if (!plan.isSaturating()) {
            generator.put("delayMillis", jsonOf(result.delay()));
        }
        return generator;
    }

    private Map<String, Object> jsonOf(Histogram histogram) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("count", histogram.getTotalCount());
        json.put("perSecond", histogram.getTotalCount() / seconds);
        json.put("mean", histogram.getMean() / NANOS_PER_MILLISECOND);
        for (double percentile : PERCENTILES) {
            json.put("p" + percentile(percentile), histogram.getValueAtPercentile(percentile) / NANOS_PER_MILLISECOND);
        }
        json.put("max", histogram.getMaxValue() / NANOS_PER_MILLISECOND);
        return json;
    }

    private static String label(Verdict verdict) {
        return verdict.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
