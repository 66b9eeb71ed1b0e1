package dev.penstock.bench.scale;

import dev.penstock.bench.engine.Dataset;
import dev.penstock.bench.process.ChildJvm;
import dev.penstock.bench.process.DataDirectory;
import dev.penstock.bench.report.Median;
import dev.penstock.bench.report.Report;
import dev.penstock.bench.report.Spread;
import dev.penstock.bench.report.Table;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The program behind {@code bench/memory}: what Penstock's index takes for a key at several sizes, by the store's own
 * account and by what the process takes outside the heap and outside mapped files.
 */
@Command(
        name = "bench/memory",
        sortOptions = false,
        description = "Measures the memory that Penstock's index takes for each key.")
final class MemoryRun implements Callable<Integer> {

    private static final long HEAP_MEBIBYTES = 512;

    @Option(
            names = "--keys",
            split = ",",
            defaultValue = "1000000,1500000,2000000,3000000",
            description = "At how many keys to look (${DEFAULT-VALUE}).")
    private List<Long> keys;

    @Mixin
    private RunOptions options;

    private final PrintStream out;

    MemoryRun(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new MemoryRun(System.out)).execute(args));
    }

    /** What one child said at one number of keys. */
    record Reading(long keys, double indexBytesPerKey, double processBytesPerKey) {}

    /** @param indexBytesPerKey by the store's account; the others are what the whole process took, over the rounds */
    record Row(long keys, double indexBytesPerKey, double processMedian, double processLow, double processHigh) {}

    @Override
    public Integer call() throws IOException {
        List<Long> sizes = keys.stream().sorted().toList();
        Report report = Report.begin("memory", DataDirectory.parent());
        out.println(report.heading());
        List<Reading> readings = new ArrayList<>();
        for (int round = 1; round <= options.rounds; round++) {
            measure(sizes, readings);
            out.printf("round %d/%d%n", round, options.rounds);
        }
        List<Row> rows = sizes.stream().map(size -> reduce(size, readings)).toList();
        Table table = new Table(0, "keys", "index B/key", "process B/key", "low", "high");
        rows.forEach(row -> table.row(
                "%,d".formatted(row.keys()),
                "%.2f".formatted(row.indexBytesPerKey()),
                "%.2f".formatted(row.processMedian()),
                "%.2f".formatted(row.processLow()),
                "%.2f".formatted(row.processHigh())));
        out.printf("%nkeys of %d bytes; median of %d%n%n%s", Dataset.KEY_LENGTH, options.rounds, table);
        out.printf("%nwritten: %s%n", report.write(options.results(), rows, readings));
        return 0;
    }

    private static void measure(List<Long> sizes, List<Reading> readings) {
        List<String> arguments = new ArrayList<>(ChildJvm.arguments(HEAP_MEBIBYTES, List.of()));
        arguments.add("-XX:+AlwaysPreTouch");
        String[] counts = sizes.stream().map(String::valueOf).toArray(String[]::new);
        try (ChildJvm child = new ChildJvm(arguments, MemoryChild.class, counts)) {
            for (long size : sizes) {
                String[] bytes = child.line().split(" ", -1);
                readings.add(new Reading(
                        size, Long.parseLong(bytes[0]) / (double) size, Long.parseLong(bytes[1]) / (double) size));
            }
            child.lines();
        }
    }

    private static Row reduce(long size, List<Reading> readings) {
        List<Reading> ofSize =
                readings.stream().filter(reading -> reading.keys() == size).toList();
        Spread process = Spread.of(ofSize, Reading::processBytesPerKey);
        return new Row(
                size,
                Median.of(ofSize, Reading::indexBytesPerKey),
                process.median(),
                process.lowest(),
                process.highest());
    }
}
