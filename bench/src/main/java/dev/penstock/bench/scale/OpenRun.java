package dev.penstock.bench.scale;

import dev.penstock.bench.engine.Dataset;
import dev.penstock.bench.engine.EngineKind;
import dev.penstock.bench.process.ChildJvm;
import dev.penstock.bench.process.DataDirectory;
import dev.penstock.bench.report.Median;
import dev.penstock.bench.report.Report;
import dev.penstock.bench.report.Table;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The program behind {@code bench/open}: how long a new JVM takes from its start to the first value out of a store that
 * is there, after a clean close and after the writer was killed. Each opening has a separate JVM, whose classes are
 * cold and whose code is not compiled, as in life; the files are in the page cache. A round opens every engine once,
 * and Penstock once more in a JVM that has an AOT cache of such an opening.
 */
@Command(
        name = "bench/open",
        sortOptions = false,
        description = "Times a JVM from its start to the first get on a store that exists.")
final class OpenRun implements Callable<Integer> {

    private static final long HEAP_MEBIBYTES = 512;

    @Option(names = "--keys", defaultValue = "1000000", description = "Keys in the store (${DEFAULT-VALUE}).")
    private long keys;

    @Option(
            names = "--engines",
            split = ",",
            defaultValue = "penstock,chronicle,lmdb-1000",
            description = "Which to open (${DEFAULT-VALUE}).")
    private List<String> engineNames;

    @Option(
            names = "--tails",
            split = ",",
            defaultValue = "1000,100000,1000000",
            description = "Keys Penstock has written again since its clean close when it is killed (${DEFAULT-VALUE}).")
    private List<Long> tails;

    @Mixin
    private RunOptions options;

    private final PrintStream out;
    private final Map<List<String>, List<Opening>> openings = new LinkedHashMap<>();

    OpenRun(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new OpenRun(System.out)).execute(args));
    }

    /**
     * One start of a JVM.
     *
     * @param insideMillis from the first line of {@code main} to the first value
     * @param outsideMillis from the command to the answer
     */
    record Opening(double insideMillis, double outsideMillis) {}

    /** @param beyondJvmMillis the median from outside less that of a JVM that does nothing */
    record Row(
            String state,
            String engine,
            double beyondJvmMillis,
            double insideMillis,
            double insideLowest,
            double insideHighest,
            double outsideMillis) {}

    @Override
    public Integer call() throws IOException {
        List<EngineKind> engines = engineNames.stream().map(EngineKind::named).toList();
        Report report = Report.begin("open", DataDirectory.parent());
        out.println(report.heading());
        Map<EngineKind, Path> directories = new LinkedHashMap<>();
        Path caches = DataDirectory.create();
        try {
            for (EngineKind engine : engines) {
                directories.put(engine, DataDirectory.create());
                run(engine, OpenChild.LOAD, directories.get(engine), 0);
            }
            Path penstock = directories.get(EngineKind.PENSTOCK);
            Path cache = isOfJars() ? caches.resolve("penstock.aot") : null;
            if (penstock != null && cache != null) {
                run(penstockChild(penstock, "-XX:AOTCacheOutput=" + cache));
            }
            for (int round = 1; round <= options.rounds; round++) {
                measure(directories, cache);
                out.printf("round %d/%d%n", round, options.rounds);
            }
        } finally {
            directories.values().forEach(DataDirectory::delete);
            DataDirectory.delete(caches);
        }
        List<Row> rows = rows();
        out.printf(
                "%n%,d keys of %d bytes, values of %d bytes, in the page cache; median of %d%n%n%s",
                keys, Dataset.KEY_LENGTH, Dataset.VALUE_LENGTH, options.rounds, table(rows));
        out.printf("%nwritten: %s%n", report.write(options.results(), rows, openings.values()));
        return 0;
    }

    /** Whether the class path consists of jars: the JDK makes no cache of a folder, as there is one in a test. */
    private static boolean isOfJars() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .noneMatch(entry -> Files.isDirectory(Path.of(entry)));
    }

    /** @param cache null if there is none */
    private void measure(Map<EngineKind, Path> directories, @Nullable Path cache) {
        long start = System.nanoTime();
        List<String> jvmArguments = ChildJvm.arguments(HEAP_MEBIBYTES, List.of());
        record("the JVM alone", "-", new ChildJvm(jvmArguments, OpenChild.class, OpenChild.NOTHING), start);
        directories.forEach((engine, directory) -> recordOpening("closed", engine, directory));
        Path penstock = directories.get(EngineKind.PENSTOCK);
        if (penstock != null) {
            if (cache != null) {
                recordWithCache(penstock, cache);
            }
            for (long tail : tails) {
                killAfterWriting(penstock, tail);
                recordOpening("killed, %,d puts after the close".formatted(tail), EngineKind.PENSTOCK, penstock);
            }
        }
    }

    private void recordOpening(String state, EngineKind engine, Path directory) {
        long start = System.nanoTime();
        record(state, engine.label(), child(engine, OpenChild.FIRST_GET, directory, 0), start);
    }

    private void recordWithCache(Path directory, Path cache) {
        long start = System.nanoTime();
        ChildJvm child = penstockChild(directory, "-XX:AOTCache=" + cache);
        record("closed, AOT cache", EngineKind.PENSTOCK.label(), child, start);
    }

    private void record(String state, String engine, ChildJvm child, long start) {
        try (child) {
            long inside = Long.parseLong(child.line());
            long outside = System.nanoTime() - start;
            openings.computeIfAbsent(List.of(state, engine), key -> new ArrayList<>())
                    .add(new Opening(inside / 1e6, outside / 1e6));
            child.lines();
        }
    }

    private void killAfterWriting(Path directory, long tail) {
        try (ChildJvm child = child(EngineKind.PENSTOCK, OpenChild.WRITE_AND_WAIT, directory, tail)) {
            child.line();
        }
    }

    private void run(EngineKind engine, String task, Path directory, long tail) {
        run(child(engine, task, directory, tail));
    }

    private static void run(ChildJvm child) {
        try (child) {
            child.lines();
        }
    }

    /** Opens a store of Penstock in a JVM with one more argument. */
    private ChildJvm penstockChild(Path directory, String jvmArgument) {
        return child(EngineKind.PENSTOCK, List.of(jvmArgument), OpenChild.FIRST_GET, directory, 0);
    }

    private ChildJvm child(EngineKind engine, String task, Path directory, long tail) {
        return child(engine, engine.jvmArguments(), task, directory, tail);
    }

    private ChildJvm child(EngineKind engine, List<String> jvmArguments, String task, Path directory, long tail) {
        return new ChildJvm(
                ChildJvm.arguments(HEAP_MEBIBYTES, jvmArguments),
                OpenChild.class,
                task,
                engine.label(),
                directory.toString(),
                Long.toString(keys),
                Long.toString(tail));
    }

    private List<Row> rows() {
        double jvm = median(openings.values().iterator().next().stream().map(Opening::outsideMillis));
        List<Row> rows = new ArrayList<>();
        openings.forEach((name, measured) -> {
            double outside = median(measured.stream().map(Opening::outsideMillis));
            List<Double> inside =
                    measured.stream().map(Opening::insideMillis).sorted().toList();
            rows.add(new Row(
                    name.getFirst(),
                    name.getLast(),
                    outside - jvm,
                    Median.of(inside),
                    inside.getFirst(),
                    inside.getLast(),
                    outside));
        });
        return rows;
    }

    private static double median(Stream<Double> values) {
        return Median.of(values.toList());
    }

    private static Table table(List<Row> rows) {
        Table table = new Table(2, "store", "engine", "beyond JVM ms", "inside ms", "low", "high", "outside ms");
        rows.forEach(row -> table.row(
                row.state(),
                row.engine(),
                "%.1f".formatted(row.beyondJvmMillis()),
                "%.2f".formatted(row.insideMillis()),
                "%.2f".formatted(row.insideLowest()),
                "%.2f".formatted(row.insideHighest()),
                "%.1f".formatted(row.outsideMillis())));
        return table;
    }
}
