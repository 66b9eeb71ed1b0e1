package dev.penstock.bench.embedded;

import dev.penstock.bench.engine.EngineKind;
import dev.penstock.bench.report.Median;
import dev.penstock.bench.report.Spread;
import dev.penstock.bench.report.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The samples of one run, reduced to a median for each operation and engine and set against Penstock. */
final class Comparison {

    /** What the floors are listed under; they are no engine. */
    static final String FLOOR = "floor";

    /**
     * One line of the table.
     *
     * @param median the median of the rounds
     * @param lowest the lowest of the rounds
     * @param highest the highest of the rounds
     * @param toPenstock the median divided by Penstock's for the same operation; NaN where Penstock has none
     */
    record Row(
            String operation,
            String engine,
            Operation.Unit unit,
            double median,
            double lowest,
            double highest,
            double toPenstock,
            double allocatedBytesPerOperation,
            long diskBytes,
            double writtenBytesPerOperation) {}

    private final List<Row> rows;

    Comparison(List<Sample> samples) {
        Map<List<String>, List<Sample>> groups = new LinkedHashMap<>();
        for (Sample sample : samples) {
            groups.computeIfAbsent(List.of(sample.operation(), sample.engine()), key -> new ArrayList<>())
                    .add(sample);
        }
        rows = groups.values().stream()
                .map(group ->
                        reduce(group, groups.get(List.of(baseline(group.getFirst()), EngineKind.PENSTOCK.label()))))
                .toList();
    }

    /** The operation whose Penstock figure a sample is compared with: the floors bound the gets. */
    private static String baseline(Sample sample) {
        if (!sample.engine().equals(FLOOR)) {
            return sample.operation();
        }
        return sample.operation().endsWith("2 threads") ? Operation.GET_2_THREADS.label() : Operation.GET.label();
    }

    private static Row reduce(List<Sample> group, @Nullable List<Sample> penstock) {
        Sample first = group.getFirst();
        Spread figure = Spread.of(group, Sample::figure);
        double base = penstock == null ? Double.NaN : Median.of(penstock, Sample::figure);
        return new Row(
                first.operation(),
                first.engine(),
                first.unit(),
                figure.median(),
                figure.lowest(),
                figure.highest(),
                figure.median() / base,
                Median.of(group, Sample::allocatedBytesPerOperation),
                (long) Median.of(group, Sample::diskBytes),
                Median.of(group, Sample::writtenBytesPerOperation));
    }

    List<Row> rows() {
        return rows;
    }

    /** The median of an engine at an operation; empty if it was not measured. */
    Optional<Double> median(Operation operation, String engine) {
        return rows.stream()
                .filter(row -> row.operation().equals(operation.label())
                        && row.engine().equals(engine))
                .map(Row::median)
                .findFirst();
    }

    Table table() {
        Table table = new Table(
                2,
                "operation",
                "engine",
                "median",
                "unit",
                "/ penstock",
                "low",
                "high",
                "B/op",
                "disk MB",
                "written KiB");
        String operation = "";
        for (Row row : rows) {
            table.row(
                    row.operation().equals(operation) ? "" : row.operation(),
                    row.engine(),
                    figure(row.median(), row.unit()),
                    row.unit() == Operation.Unit.MILLISECONDS ? "ms" : "ops/s",
                    Double.isNaN(row.toPenstock()) ? "-" : "%.2f".formatted(row.toPenstock()),
                    figure(row.lowest(), row.unit()),
                    figure(row.highest(), row.unit()),
                    row.unit() == Operation.Unit.MILLISECONDS
                            ? "-"
                            : "%.1f".formatted(row.allocatedBytesPerOperation()),
                    row.diskBytes() == 0 ? "-" : "%.0f".formatted(row.diskBytes() / 1e6),
                    row.writtenBytesPerOperation() == 0
                            ? "-"
                            : "%.1f".formatted(row.writtenBytesPerOperation() / 1024));
            operation = row.operation();
        }
        return table;
    }

    static String figure(double value, Operation.Unit unit) {
        return String.format(Locale.ROOT, unit == Operation.Unit.MILLISECONDS ? "%.2f" : "%,.0f", value);
    }
}
