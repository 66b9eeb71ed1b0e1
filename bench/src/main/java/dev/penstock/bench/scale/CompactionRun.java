package dev.penstock.bench.scale;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.bench.engine.Dataset;
import dev.penstock.bench.process.ChildJvm;
import dev.penstock.bench.process.DataDirectory;
import dev.penstock.bench.report.Median;
import dev.penstock.bench.report.Report;
import dev.penstock.bench.report.Table;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The program behind {@code bench/compaction}: what random overwriting of a fixed set of keys costs in space, in
 * writing and in the time that gets take, with and without compaction in the background; and how fast a compaction is
 * that is requested. Each has a JVM and a store of its own in each round.
 */
@Command(
        name = "bench/compaction",
        sortOptions = false,
        description =
                "Overwrites keys of a fixed set at random, and gets them, with and without compaction; and compacts.")
final class CompactionRun implements Callable<Integer> {

    private static final long HEAP_MEBIBYTES = 2048;
    private static final long YOUNG_MEBIBYTES = 1536;

    @Option(names = "--keys", defaultValue = "4000000", description = "Keys in the store (${DEFAULT-VALUE}).")
    private long keys;

    @Option(names = "--value-bytes", defaultValue = "400", description = "Length of the values (${DEFAULT-VALUE}).")
    private int valueBytes;

    @Option(names = "--seconds", defaultValue = "20", description = "How long a phase takes (${DEFAULT-VALUE}).")
    private long seconds;

    @Option(
            names = "--puts",
            defaultValue = "50000",
            description = "Puts a second at the fixed rate (${DEFAULT-VALUE}).")
    private long putsPerSecond;

    @Option(
            names = "--segment-bytes",
            defaultValue = "67108864",
            description = "Size of the store's segments (${DEFAULT-VALUE}).")
    private long segmentBytes;

    @Mixin
    private RunOptions options;

    private final PrintStream out;
    private final ObjectMapper json = new ObjectMapper();
    private final List<CompactionChild.Result> results = new ArrayList<>();
    private final List<OfflineCompactionChild.Result> offline = new ArrayList<>();

    CompactionRun(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new CompactionRun(System.out)).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        Report report = Report.begin("compaction", DataDirectory.parent());
        out.println(report.heading());
        for (int round = 1; round <= options.rounds; round++) {
            measure();
            out.printf("round %d/%d%n", round, options.rounds);
        }
        out.printf(
                "%n%,d keys of %d bytes, values of %d bytes; median of %d rounds, and the worst of them%n%n%s",
                keys, Dataset.KEY_LENGTH, valueBytes, options.rounds, table());
        out.printf("%nNobody else there, what is live rewritten at once:%n%n%s", offlineTable());
        out.printf("%nwritten: %s%n", report.write(options.results(), results, offline));
        return 0;
    }

    private void measure() throws IOException {
        List<String> arguments = new ArrayList<>(ChildJvm.arguments(HEAP_MEBIBYTES, List.of()));
        arguments.add("-Xmn" + YOUNG_MEBIBYTES + "m");
        try (ChildJvm child = new ChildJvm(
                arguments,
                CompactionChild.class,
                Long.toString(keys),
                Integer.toString(valueBytes),
                Long.toString(seconds),
                Long.toString(putsPerSecond),
                Long.toString(segmentBytes))) {
            for (String line : child.lines()) {
                results.add(json.readValue(line, CompactionChild.Result.class));
            }
        }
        try (ChildJvm child = new ChildJvm(
                ChildJvm.arguments(HEAP_MEBIBYTES, List.of()),
                OfflineCompactionChild.class,
                Long.toString(keys),
                Integer.toString(valueBytes),
                Long.toString(segmentBytes))) {
            offline.add(json.readValue(child.lines().getLast(), OfflineCompactionChild.Result.class));
        }
    }

    private Table offlineTable() {
        Table table =
                new Table(0, "live MiB", "files / live", "afterwards", "moved MiB/s", "plain copy MiB/s", "ratio");
        table.row(
                "%,.0f".formatted(offlineMedian(OfflineCompactionChild.Result::liveMebibytes)),
                "%.2f".formatted(offlineMedian(OfflineCompactionChild.Result::filesBefore)),
                "%.2f".formatted(offlineMedian(OfflineCompactionChild.Result::filesAfter)),
                "%,.0f".formatted(offlineMedian(OfflineCompactionChild.Result::movedMebibytesPerSecond)),
                "%,.0f".formatted(offlineMedian(OfflineCompactionChild.Result::copiedMebibytesPerSecond)),
                "%.2f"
                        .formatted(offlineMedian(
                                result -> result.movedMebibytesPerSecond() / result.copiedMebibytesPerSecond())));
        return table;
    }

    private double offlineMedian(ToDoubleFunction<OfflineCompactionChild.Result> figure) {
        return Median.of(offline, figure);
    }

    private Table table() {
        Table table = new Table(
                1,
                "phase",
                "puts/s",
                "files / live",
                "worst",
                "written / put",
                "moved MiB/s",
                "get p50 us",
                "p99 us",
                "p99.9 us",
                "longest us");
        Map<String, List<CompactionChild.Result>> phases = results.stream()
                .collect(Collectors.groupingBy(CompactionChild.Result::phase, LinkedHashMap::new, Collectors.toList()));
        phases.forEach((name, rounds) -> table.row(
                name,
                "%,.0f".formatted(Median.of(rounds, CompactionChild.Result::putsPerSecond)),
                "%.2f".formatted(Median.of(rounds, CompactionChild.Result::spaceMean)),
                "%.2f".formatted(worst(rounds, CompactionChild.Result::spaceMost)),
                "%.2f".formatted(Median.of(rounds, CompactionChild.Result::writeAmplification)),
                "%.0f".formatted(Median.of(rounds, CompactionChild.Result::movedMebibytesPerSecond)),
                "%.2f".formatted(Median.of(rounds, result -> result.gets().p50Micros())),
                "%.2f".formatted(Median.of(rounds, result -> result.gets().p99Micros())),
                "%.1f".formatted(Median.of(rounds, result -> result.gets().p999Micros())),
                "%.0f".formatted(worst(rounds, result -> result.gets().maxMicros()))));
        return table;
    }

    private static double worst(List<CompactionChild.Result> rounds, ToDoubleFunction<CompactionChild.Result> figure) {
        return rounds.stream().mapToDouble(figure).max().orElseThrow();
    }
}
