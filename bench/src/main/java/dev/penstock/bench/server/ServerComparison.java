package dev.penstock.bench.server;

import dev.penstock.bench.report.Median;
import dev.penstock.bench.report.Spread;
import dev.penstock.bench.report.Table;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The samples of one run, reduced to medians, and Penstock set against each of the others. */
final class ServerComparison {

    /**
     * One line of the table.
     *
     * @param penstockToThis Penstock's cost divided by this server's: under 1, Penstock is the cheaper one; NaN where
     *     Penstock was not measured
     */
    record Row(
            String measurement,
            ServerKind server,
            double cost,
            double lowest,
            double highest,
            String costUnit,
            double penstockToThis,
            double rate,
            String rateUnit) {}

    private final List<Row> rows;

    ServerComparison(List<ServerSample> samples) {
        Map<String, Map<ServerKind, List<ServerSample>>> groups = new LinkedHashMap<>();
        for (ServerSample sample : samples) {
            groups.computeIfAbsent(sample.measurement(), key -> new EnumMap<>(ServerKind.class))
                    .computeIfAbsent(sample.server(), key -> new ArrayList<>())
                    .add(sample);
        }
        rows = groups.values().stream()
                .flatMap(servers ->
                        servers.values().stream().map(group -> reduce(group, servers.get(ServerKind.PENSTOCK))))
                .toList();
    }

    private static Row reduce(List<ServerSample> group, @Nullable List<ServerSample> penstock) {
        ServerSample first = group.getFirst();
        Spread cost = Spread.of(group, ServerSample::cost);
        return new Row(
                first.measurement(),
                first.server(),
                cost.median(),
                cost.lowest(),
                cost.highest(),
                first.costUnit(),
                penstock == null ? Double.NaN : Median.of(penstock, ServerSample::cost) / cost.median(),
                Median.of(group, ServerSample::rate),
                first.rateUnit());
    }

    List<Row> rows() {
        return rows;
    }

    Table table() {
        Table table = new Table(
                2, "measurement", "server", "median", "unit", "penstock / this", "low", "high", "rate", "rate unit");
        String measurement = "";
        for (Row row : rows) {
            table.row(
                    row.measurement().equals(measurement) ? "" : row.measurement(),
                    row.server().label(),
                    figure(row.cost()),
                    row.costUnit(),
                    Double.isNaN(row.penstockToThis()) ? "-" : "%.2f".formatted(row.penstockToThis()),
                    figure(row.lowest()),
                    figure(row.highest()),
                    Double.isNaN(row.rate()) ? "-" : figure(row.rate()),
                    row.rateUnit());
            measurement = row.measurement();
        }
        return table;
    }

    /** Three significant digits, whatever the size. */
    static String figure(double value) {
        return value >= 100 ? "%.0f".formatted(value) : value >= 10 ? "%.1f".formatted(value) : "%.3f".formatted(value);
    }
}
