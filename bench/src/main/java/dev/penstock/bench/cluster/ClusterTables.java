package dev.penstock.bench.cluster;

import dev.penstock.bench.report.Median;
import dev.penstock.bench.report.Spread;
import dev.penstock.bench.report.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The figures of a run as tables. */
final class ClusterTables {

    /**
     * The rounds of one measurement of one system.
     *
     * @param allMicros processor time of all servers for a request
     * @param leaderMicros that of the one that was asked
     */
    record Row(
            String measurement,
            ClusterKind system,
            double perSecond,
            double lowest,
            double highest,
            double p50Millis,
            double p99Millis,
            double allMicros,
            double leaderMicros) {}

    private ClusterTables() {}

    static List<Row> rows(List<Throughput.ThroughputSample> samples) {
        Map<String, List<Throughput.ThroughputSample>> groups = new LinkedHashMap<>();
        samples.stream()
                .sorted(Comparator.comparing(Throughput.ThroughputSample::measurement)
                        .thenComparing(Throughput.ThroughputSample::system))
                .forEach(sample -> groups.computeIfAbsent(
                                sample.measurement() + "/" + sample.system(), key -> new ArrayList<>())
                        .add(sample));
        return groups.values().stream().map(ClusterTables::row).toList();
    }

    private static Row row(List<Throughput.ThroughputSample> rounds) {
        Throughput.ThroughputSample first = rounds.getFirst();
        Spread perSecond = Spread.of(rounds, Throughput.ThroughputSample::perSecond);
        return new Row(
                first.measurement(),
                first.system(),
                perSecond.median(),
                perSecond.lowest(),
                perSecond.highest(),
                Median.of(rounds, Throughput.ThroughputSample::p50Millis),
                Median.of(rounds, Throughput.ThroughputSample::p99Millis),
                Median.of(rounds, Throughput.ThroughputSample::allMicrosPerRequest),
                Median.of(rounds, Throughput.ThroughputSample::leaderMicrosPerRequest));
    }

    static Table throughput(List<Row> rows) {
        Table table = new Table(
                2,
                "measurement",
                "system",
                "per second",
                "low",
                "high",
                "p50 ms",
                "p99 ms",
                "CPU us/request",
                "at the leader");
        String measurement = "";
        for (Row row : rows) {
            table.row(
                    row.measurement().equals(measurement) ? "" : row.measurement(),
                    row.system().label(),
                    whole(row.perSecond()),
                    whole(row.lowest()),
                    whole(row.highest()),
                    figure(row.p50Millis()),
                    figure(row.p99Millis()),
                    figure(row.allMicros()),
                    figure(row.leaderMicros()));
            measurement = row.measurement();
        }
        return table;
    }

    static Table failover(List<Failover.Result> results) {
        Table table = new Table(
                1,
                "system",
                "kills",
                "median ms",
                "low",
                "high",
                "all clients, median ms",
                "high",
                "acknowledged",
                "lost",
                "unknown outcomes",
                "other errors");
        for (Failover.Result result : results) {
            List<Failover.Kill> kills = result.kills();
            Spread first = Spread.of(kills, Failover.Kill::firstMillis);
            Spread all = Spread.of(kills, Failover.Kill::allMillis);
            int unknown = result.errors().values().stream()
                            .mapToInt(Integer::intValue)
                            .sum()
                    - result.unexpected();
            table.row(
                    result.system().label(),
                    Integer.toString(kills.size()),
                    whole(first.median()),
                    whole(first.lowest()),
                    whole(first.highest()),
                    whole(all.median()),
                    whole(all.highest()),
                    Integer.toString(result.acknowledged()),
                    Integer.toString(result.lost()),
                    Integer.toString(unknown),
                    Integer.toString(result.unexpected()));
        }
        return table;
    }

    static Table atRest(List<AtRest.AtRestSample> samples) {
        Table table = new Table(
                3, "system", "server", "role", "PSS MiB", "in no file", "CPU ms per second", "sleeps per second");
        for (AtRest.AtRestSample sample : samples) {
            table.row(
                    sample.system().label(),
                    sample.server(),
                    sample.isLeader() ? "leads" : "follows",
                    whole(sample.pssMebibytes()),
                    whole(sample.anonymousMebibytes()),
                    figure(sample.processorMillisPerSecond()),
                    whole(sample.sleepsPerSecond()));
        }
        return table;
    }

    private static String whole(double value) {
        return String.format(Locale.ROOT, "%.0f", value);
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }
}
