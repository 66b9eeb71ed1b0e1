package dev.penstock.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
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
 * The program behind {@code bench/compaction}: what random overwriting of a fixed set of keys costs in space, in writing and
 * in the time that gets take, with and without compaction in the background. Each round has a JVM and a store of its own.
 */
@Command(
        name = "bench/compaction",
        sortOptions = false,
        description = "Overwrites keys of a fixed set at random, and gets them, with and without compaction.")
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
            defaultValue = "20000",
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
                keys, Keys.KEY_LENGTH, valueBytes, options.rounds, table());
        out.printf("%nwritten: %s%n", report.write(options.results(), results, List.of()));
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
                "%,.0f".formatted(median(rounds, CompactionChild.Result::putsPerSecond)),
                "%.2f".formatted(median(rounds, CompactionChild.Result::spaceMean)),
                "%.2f".formatted(worst(rounds, CompactionChild.Result::spaceMost)),
                "%.2f".formatted(median(rounds, CompactionChild.Result::writeAmplification)),
                "%.0f".formatted(median(rounds, CompactionChild.Result::movedMebibytesPerSecond)),
                "%.2f".formatted(median(rounds, result -> result.gets().p50Micros())),
                "%.2f".formatted(median(rounds, result -> result.gets().p99Micros())),
                "%.1f".formatted(median(rounds, result -> result.gets().p999Micros())),
                "%.0f".formatted(worst(rounds, result -> result.gets().maxMicros()))));
        return table;
    }

    private static double median(List<CompactionChild.Result> rounds, ToDoubleFunction<CompactionChild.Result> figure) {
        return Median.of(rounds.stream().map(figure::applyAsDouble).toList());
    }

    private static double worst(List<CompactionChild.Result> rounds, ToDoubleFunction<CompactionChild.Result> figure) {
        return rounds.stream().mapToDouble(figure).max().orElseThrow();
    }
}
