package dev.penstock.bench.scale;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.bench.engine.Dataset;
import dev.penstock.bench.engine.EngineKind;
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
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The program behind {@code bench/latency}: the longest single puts while a store grows, and single gets beside a
 * compaction. Each round of each part has a separate JVM, with a young generation that no collection is due in.
 */
@Command(
        name = "bench/latency",
        sortOptions = false,
        description = "Times every single put while a store grows, and every get beside a compaction.")
final class LatencyRun implements Callable<Integer> {

    private static final long HEAP_MEBIBYTES = 3072;
    private static final long YOUNG_MEBIBYTES = 2560;

    /** What a run consists of. */
    enum Part {
        GROWTH(LatencyChild.PUTS),
        COMPACTION(LatencyChild.COMPACTION);

        private final String task;

        Part(String task) {
            this.task = task;
        }
    }

    @Option(names = "--keys", defaultValue = "1000000", description = "Keys in the store (${DEFAULT-VALUE}).")
    private long keys;

    @Option(
            names = "--engines",
            split = ",",
            defaultValue = "penstock",
            description = "Which to put into as they grow (${DEFAULT-VALUE}); the compaction is Penstock's.")
    private List<String> engineNames;

    @Option(names = "--parts", split = ",", description = "Only these: ${COMPLETION-CANDIDATES}.")
    private List<Part> parts = List.of(Part.values());

    @Mixin
    private RunOptions options;

    private final PrintStream out;
    private final ObjectMapper json = new ObjectMapper();
    private final List<Row> rows = new ArrayList<>();

    LatencyRun(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) {
        CommandLine commandLine = new CommandLine(new LatencyRun(System.out)).setCaseInsensitiveEnumValuesAllowed(true);
        System.exit(commandLine.execute(args));
    }

    /** One kind of operation in one round. */
    record Row(String engine, int round, OperationLatencies.Summary latencies) {}

    @Override
    public Integer call() throws IOException {
        List<EngineKind> engines = engineNames.stream().map(EngineKind::named).toList();
        Report report = Report.begin("latency", DataDirectory.parent());
        out.println(report.heading());
        for (int round = 1; round <= options.rounds; round++) {
            for (Part part : parts) {
                for (EngineKind engine : part == Part.COMPACTION ? List.of(EngineKind.PENSTOCK) : engines) {
                    measure(part, engine, round);
                }
            }
        }
        out.printf(
                "%n%,d keys of %d bytes, values of %d bytes; median of %d rounds, and the worst of them%n%n%s",
                keys, Dataset.KEY_LENGTH, Dataset.VALUE_LENGTH, options.rounds, table());
        out.printf("%nwritten: %s%n", report.write(options.results(), rows, List.of()));
        return 0;
    }

    private void measure(Part part, EngineKind engine, int round) throws IOException {
        List<String> arguments = new ArrayList<>(ChildJvm.arguments(HEAP_MEBIBYTES, engine.jvmArguments()));
        arguments.add("-Xmn" + YOUNG_MEBIBYTES + "m");
        try (ChildJvm child =
                new ChildJvm(arguments, LatencyChild.class, part.task, engine.label(), Long.toString(keys))) {
            for (String line : child.lines()) {
                OperationLatencies.Summary summary = json.readValue(line, OperationLatencies.Summary.class);
                rows.add(new Row(engine.label(), round, summary));
                out.printf(
                        "round %d/%d  %-10s %-27s longest: %s%n",
                        round, options.rounds, engine.label(), summary.operation(), summary.longest());
            }
        }
    }

    private Table table() {
        Table table = new Table(
                2,
                "operation",
                "engine",
                "count",
                "p50 us",
                "p99 us",
                "p99.9 us",
                "p99.99 us",
                "longest us",
                "worst us",
                "over 1 ms",
                "GC ms");
        Map<List<String>, List<OperationLatencies.Summary>> groups = rows.stream()
                .collect(Collectors.groupingBy(
                        row -> List.of(row.latencies().operation(), row.engine()),
                        LinkedHashMap::new,
                        Collectors.mapping(Row::latencies, Collectors.toList())));
        groups.forEach((name, rounds) -> table.row(
                name.getFirst(),
                name.getLast(),
                "%,.0f".formatted(Median.of(rounds, OperationLatencies.Summary::count)),
                "%.2f".formatted(Median.of(rounds, OperationLatencies.Summary::p50Micros)),
                "%.2f".formatted(Median.of(rounds, OperationLatencies.Summary::p99Micros)),
                "%.2f".formatted(Median.of(rounds, OperationLatencies.Summary::p999Micros)),
                "%.1f".formatted(Median.of(rounds, OperationLatencies.Summary::p9999Micros)),
                "%.0f".formatted(Median.of(rounds, OperationLatencies.Summary::maxMicros)),
                "%.0f"
                        .formatted(rounds.stream()
                                .mapToDouble(OperationLatencies.Summary::maxMicros)
                                .max()
                                .orElseThrow()),
                "%.0f".formatted(Median.of(rounds, OperationLatencies.Summary::over1ms)),
                "%.0f".formatted(Median.of(rounds, OperationLatencies.Summary::collectionMillis))));
        return table;
    }
}
