package dev.penstock.server.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestServer;
import dev.penstock.server.report.GroupMetrics;
import dev.penstock.server.shard.GroupState;
import dev.penstock.server.transfer.TransferCounts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page on metrics lists what a server reports, with type and unit, and nothing else. */
class MetricsDocumentTest {

    private static final Path PAGE = Path.of("../docs/reference/metrics.md");
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `((?:penstock|jvm|process)_\\w+)` \\| (\\w+) \\| (\\w*) ?\\| \\S.*\\|$");
    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE ((?:penstock|jvm|process)_\\w+) (\\w+)$");
    private static final Pattern SAMPLE = Pattern.compile("(?m)^((?:penstock|jvm|process)_\\w+)[ {]");
    private static final Path ALERTS = Path.of("../packaging/prometheus/alerts.yml");
    private static final Path DASHBOARD = Path.of("../packaging/grafana/penstock.json");
    private static final Pattern ALERT = Pattern.compile("(?m)^ +- alert: (\\w+)$");
    private static final Pattern ALERT_ROW = Pattern.compile("(?m)^\\| `(Penstock\\w+)` \\|");
    private static final Pattern NAME = Pattern.compile("\\b(?:penstock|jvm|process)_\\w+");
    private static final Pattern INFO_ROW = Pattern.compile("(?m)^\\| (`[a-z]\\w+`(?:, `\\w+`)*) \\| [^|]+ \\|$");
    private static final Pattern INFO_LINE = Pattern.compile("(?m)^(\\w+):");

    private static final GroupState GROUP = new GroupState("group", "a", null, false, 1, 1, 1, 0, false, List.of());

    @TempDir
    Path directory;

    @Test
    void thePageHasEveryMetricWithTypeAndUnit() throws Exception {
        SortedSet<String> reported =
                all(TYPE, metrics(), type -> row(type.group(1), type.group(2), unit(type.group(1))));
        // A node of a cluster has these too.
        GroupMetrics.of(GROUP)
                .forEach(metric -> reported.add(row("penstock_" + metric.name(), "gauge", unit(metric.name()))));
        SortedSet<String> written =
                all(ROW, Files.readString(PAGE), row -> row(row.group(1), row.group(2), row.group(3)));
        assertEquals(lines(reported), lines(written));
        assertTrue(reported.size() > 40, reported.toString());
    }

    /** An alert on a metric that no server reports never fires, and a panel of it stays empty. */
    @Test
    void everyMetricOfTheAlertsAndTheDashboardIsReported() throws Exception {
        SortedSet<String> samples = all(SAMPLE, metrics(), sample -> sample.group(1));
        GroupMetrics.of(GROUP).forEach(metric -> samples.add("penstock_" + metric.name()));
        for (Path file : List.of(ALERTS, ALERTS.resolveSibling("alerts-test.yml"), DASHBOARD)) {
            SortedSet<String> used = all(NAME, Files.readString(file), MatchResult::group);
            assertTrue(used.size() > 10, file + ": " + used);
            used.removeAll(samples);
            assertEquals(new TreeSet<String>(), used, file.toString());
        }
    }

    @Test
    void thePageHasEveryAlert() throws IOException {
        assertEquals(
                lines(all(ALERT, Files.readString(ALERTS), alert -> alert.group(1))),
                lines(all(ALERT_ROW, Files.readString(PAGE), alert -> alert.group(1))));
    }

    @Test
    void thePageHasEveryLineOfTheSectionOfInfo() throws IOException {
        SortedSet<String> reported;
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client()) {
            reported = all(INFO_LINE, client.call("INFO", "penstock"), line -> line.group(1));
        }
        SortedSet<String> written = Files.readString(PAGE)
                .lines()
                .filter(line -> INFO_ROW.matcher(line).matches() && !line.contains("`penstock_"))
                .flatMap(line -> Stream.of(line.split("\\|", -1)[1].split(",", -1)))
                .map(name -> name.strip().replace("`", ""))
                .flatMap(MetricsDocumentTest::byMode)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(lines(reported), lines(written));
    }

    private static Stream<String> byMode(String name) {
        return TransferCounts.WAYS_OUT.stream()
                .map(mode -> name.replace("MODE", mode.label()))
                .distinct();
    }

    /** What the name says, by Prometheus's rules for names. */
    private static String unit(String name) {
        return Stream.of("bytes", "seconds", "ratio")
                .filter(unit -> name.replaceFirst("_total$", "").endsWith("_" + unit))
                .findFirst()
                .orElse("");
    }

    private static String row(String name, String type, String unit) {
        return name + " " + type + " " + unit;
    }

    private static SortedSet<String> all(Pattern pattern, String text, Function<MatchResult, String> form) {
        return pattern.matcher(text).results().map(form).collect(Collectors.toCollection(TreeSet::new));
    }

    private static String lines(SortedSet<String> set) {
        return String.join("\n", List.copyOf(set));
    }

    private String metrics() throws Exception {
        System.gc(); // some metrics of the JVM exist from the first collection on
        try (TestServer server =
                        new TestServer(directory, ServerOptions.defaults().withMetricsPort(0));
                HttpClient http = HttpClient.newHttpClient()) {
            int port = server.server().metricsPort().orElseThrow();
            URI page = URI.create("http://127.0.0.1:" + port + "/metrics");
            return http.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString())
                    .body();
        }
    }
}
