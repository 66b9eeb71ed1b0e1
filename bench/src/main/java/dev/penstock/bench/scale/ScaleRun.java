package dev.penstock.bench.scale;

import dev.penstock.bench.engine.Dataset;
import dev.penstock.bench.process.ChildJvm;
import dev.penstock.bench.process.DataDirectory;
import dev.penstock.bench.process.MemoryLimit;
import dev.penstock.bench.report.Median;
import dev.penstock.bench.report.Report;
import dev.penstock.bench.report.Table;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The program behind {@code bench/scale}: one store after the other, each larger than the one before, through its whole
 * life. Loaded, every key overwritten once on average at random while compaction continues, read at random, closed,
 * opened, verified. With a limit, all of that in less memory than the data takes.
 */
@Command(
        name = "bench/scale",
        sortOptions = false,
        description = "Takes stores of several sizes through load, overwrite, read, close, open and verify.")
final class ScaleRun implements Callable<Integer> {

    private static final long HEAP_MEBIBYTES = 256;

    @Option(
            names = "--keys",
            split = ",",
            defaultValue = "1000000,10000000,100000000",
            description = "The sizes (${DEFAULT-VALUE}).")
    private List<Long> keys;

    @Option(names = "--value-length", defaultValue = "32", description = "Bytes of a value (${DEFAULT-VALUE}).")
    private int valueLength;

    @Option(
            names = "--operations",
            description = "Number of overwrites, and of gets up to 10,000,000. Default: the number of keys.")
    private Long operations;

    @Option(
            names = "--memory-limit",
            description =
                    "MiB that the process may have, page cache included; needs a writable control group of Linux.")
    private Long limitMebibytes;

    @Mixin
    private RunOptions options;

    private final PrintStream out;

    ScaleRun(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new ScaleRun(System.out)).execute(args));
    }

    /** What one phase of one store's life took. */
    record Reading(long keys, int round, String phase, double value, String unit) {}

    @Override
    public Integer call() throws IOException {
        Report report = Report.begin("scale", DataDirectory.parent());
        out.println(report.heading());
        List<Reading> readings = new ArrayList<>();
        for (int round = 1; round <= options.rounds; round++) {
            for (long size : keys) {
                if (limitMebibytes == null) {
                    measure(size, round, List.of(), readings);
                } else {
                    try (MemoryLimit limit = MemoryLimit.ofBytes(limitMebibytes << 20)) {
                        measure(size, round, limit.enter(), readings);
                    }
                }
            }
        }
        out.printf(
                "%nkeys of %d bytes, values of %d bytes%s; median of %d%n%n%s",
                Dataset.KEY_LENGTH,
                valueLength,
                limitMebibytes == null ? "" : ", %,d MiB of memory".formatted(limitMebibytes),
                options.rounds,
                table(readings));
        out.printf("%nwritten: %s%n", report.write(options.results(), readings, List.of()));
        return 0;
    }

    private void measure(long size, int round, List<String> by, List<Reading> readings) {
        long most = operations == null ? size : operations;
        List<String> arguments = ChildJvm.arguments(HEAP_MEBIBYTES, List.of());
        String[] counts =
                Stream.of(size, (long) valueLength, most).map(String::valueOf).toArray(String[]::new);
        try (ChildJvm child = new ChildJvm(by, arguments, ScaleChild.class, counts)) {
            for (String line = child.line(); !line.equals(ScaleChild.END); line = child.line()) {
                String[] parts = line.split(ScaleChild.SEPARATOR, -1);
                Reading reading = new Reading(size, round, parts[0], Double.parseDouble(parts[1]), parts[2]);
                readings.add(reading);
                out.printf(
                        "%,13d keys  %-44s %14s %s%n", size, reading.phase(), figure(reading.value()), reading.unit());
            }
            child.lines();
        }
    }

    private static String figure(double value) {
        return (value < .1 ? "%.4f" : "%,.2f").formatted(value);
    }

    private Table table(List<Reading> readings) {
        List<String> heading = new ArrayList<>(List.of("", "unit"));
        keys.forEach(size -> heading.add("%,d keys".formatted(size)));
        Table table = new Table(2, heading.toArray(String[]::new));
        for (String phase : readings.stream().map(Reading::phase).distinct().toList()) {
            List<String> row = new ArrayList<>(List.of(phase));
            for (long size : keys) {
                List<Reading> same = readings.stream()
                        .filter(reading ->
                                reading.keys() == size && reading.phase().equals(phase))
                        .toList();
                if (row.size() == 1) {
                    row.add(same.getFirst().unit());
                }
                row.add(figure(Median.of(same, Reading::value)));
            }
            table.row(row.toArray(String[]::new));
        }
        return table;
    }
}
