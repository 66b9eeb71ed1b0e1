package dev.penstock.bench.embedded;

import dev.penstock.bench.engine.Dataset;
import dev.penstock.bench.engine.EngineKind;
import dev.penstock.bench.process.ChildJvm;
import dev.penstock.bench.process.DataDirectory;
import dev.penstock.bench.report.Report;
import dev.penstock.bench.report.ResultOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The program behind {@code bench/run}: every engine at every operation, in rounds. A round gives each pair of engine
 * and operation a separate JVM, and the rounds follow each other, so that a machine that grows slower in the
 * meantime slows all engines and not the last. The table shows medians over the rounds.
 */
@Command(
        name = "bench/run",
        sortOptions = false,
        description = "Compares Penstock with other embedded stores and writes a table and JSON.")
final class BenchmarkRun implements Callable<Integer> {

    /** Keeps the JDK from warning of what JMH does. */
    private static final String FOR_JMH = "--sun-misc-unsafe-memory-access=allow";

    @Option(names = "--full", description = "5 rounds of longer iterations.")
    private boolean full;

    @Option(names = "--keys", defaultValue = "1000000", description = "Keys in the store (${DEFAULT-VALUE}).")
    private long keys;

    @Option(names = "--rounds", description = "Forks of each benchmark (3; with --full 5).")
    private int rounds;

    @Option(names = "--engines", split = ",", description = "Only these, such as penstock,lmdb-1000,floor.")
    private List<String> engineNames = List.of();

    @Option(names = "--operations", split = ",", description = "Only these: ${COMPLETION-CANDIDATES}.")
    private List<Operation> operations = List.of(Operation.values());

    @Option(names = "--profiler", description = "Another JMH profiler in each fork, such as stack or perfnorm.")
    private String profiler;

    @Mixin
    private ResultOptions results;

    private final PrintStream out;

    private BenchmarkRun(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) {
        CommandLine commandLine =
                new CommandLine(new BenchmarkRun(System.out)).setCaseInsensitiveEnumValuesAllowed(true);
        System.exit(commandLine.execute(args));
    }

    @Override
    public Integer call() throws RunnerException, IOException {
        checkEngineNames();
        if (rounds == 0) {
            rounds = full ? 5 : 3;
        }
        Report report = Report.begin("embedded", DataDirectory.parent());
        out.println(report.heading());
        List<Sample> samples = new ArrayList<>();
        List<RunResult> raw = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            for (Operation operation : operations) {
                for (String engine : enginesFor(operation)) {
                    RunResult result = new Runner(options(operation, engine)).runSingle();
                    Sample sample = operation.sample(engine, round, keys, result);
                    raw.add(result);
                    samples.add(sample);
                    announce(sample);
                    print(profiler == null ? "" : profile(result));
                }
            }
        }
        finish(report, samples, raw);
        return 0;
    }

    private void checkEngineNames() {
        engineNames.stream().filter(name -> !name.equals(Comparison.FLOOR)).forEach(EngineKind::named);
    }

    private List<String> enginesFor(Operation operation) {
        if (operation.isFloor()) {
            return engineNames.isEmpty() || engineNames.contains(Comparison.FLOOR)
                    ? List.of(Comparison.FLOOR)
                    : List.of();
        }
        return operation.engines().stream()
                .map(EngineKind::label)
                .filter(engine -> engineNames.isEmpty() || engineNames.contains(engine))
                .toList();
    }

    private Options options(Operation operation, String engine) {
        ChainedOptionsBuilder options = operation
                .select(new OptionsBuilder(), engine, keys)
                .forks(1)
                .warmupIterations(operation == Operation.OPEN ? 0 : operation.isSingleShot() ? 1 : full ? 3 : 2)
                .measurementIterations(operation == Operation.OPEN ? 1 : operation.isSingleShot() ? 2 : full ? 5 : 3)
                .warmupTime(TimeValue.seconds(1))
                .measurementTime(TimeValue.seconds(1))
                .addProfiler(GCProfiler.class)
                .addProfiler(DiskProfiler.class)
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true)
                .jvmArgs(forkArguments(operation, engine).toArray(String[]::new));
        if (profiler != null) {
            options.addProfiler(profiler);
        }
        return options.build();
    }

    /** A heap with room for the hash map, and what the engine needs. */
    private List<String> forkArguments(Operation operation, String engine) {
        List<String> arguments = new ArrayList<>(ChildJvm.arguments(768 + keys / 2500, List.of(FOR_JMH)));
        if (!operation.isFloor()) {
            arguments.addAll(EngineKind.named(engine).jvmArguments());
        }
        return arguments;
    }

    private void announce(Sample sample) {
        print("round %d/%d  %-30s %-10s %14s%n"
                .formatted(
                        sample.round(),
                        rounds,
                        sample.operation(),
                        sample.engine(),
                        Comparison.figure(sample.figure(), sample.unit())));
    }

    private static String profile(RunResult result) {
        StringBuilder text = new StringBuilder();
        result.getSecondaryResults()
                .values()
                .forEach(secondary -> text.append(secondary.getLabel())
                        .append(' ')
                        .append(secondary)
                        .append('\n')
                        .append(secondary.extendedInfo()));
        return text.toString();
    }

    private void print(String text) {
        out.print(text);
        out.flush();
    }

    private void finish(Report report, List<Sample> samples, List<RunResult> raw) throws IOException {
        Comparison comparison = new Comparison(samples);
        out.printf(
                "%n%,d keys of %d bytes, values of %d bytes; median of %d forks%n%n%s",
                keys, Dataset.KEY_LENGTH, Dataset.VALUE_LENGTH, rounds, comparison.table());
        RatioTarget.table(comparison).ifPresent(table -> out.printf("%n%s", table));
        Path summary = report.write(results.folder(), comparison.rows(), samples);
        Path jmh = results.folder().resolve(summary.getFileName().toString().replace(".json", "-jmh.json"));
        try (PrintStream file = new PrintStream(Files.newOutputStream(jmh), false, StandardCharsets.UTF_8)) {
            ResultFormatFactory.getInstance(ResultFormatType.JSON, file).writeOut(raw);
        }
        out.printf("%nwritten: %s, %s%n", summary, jmh);
    }
}
