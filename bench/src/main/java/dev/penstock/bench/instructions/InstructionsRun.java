package dev.penstock.bench.instructions;

import dev.penstock.bench.engine.Contender;
import dev.penstock.bench.engine.ContenderSession;
import dev.penstock.bench.engine.EngineKind;
import dev.penstock.bench.process.ChildJvm;
import dev.penstock.bench.process.DataDirectory;
import dev.penstock.bench.report.Report;
import dev.penstock.bench.report.ResultOptions;
import dev.penstock.bench.report.Spread;
import dev.penstock.bench.report.Table;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The program behind {@code bench/instructions}: counts the machine instructions of one operation by letting a thread
 * of a child JVM execute them one by one. A count does not depend on how busy the machine is, nor on its speed.
 */
@Command(
        name = "bench/instructions",
        sortOptions = false,
        description = "Counts machine instructions per operation and compares them with the budgets.",
        exitCodeOnExecutionException = 1,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:counted, and no budget exceeded", "1:not counted", "2:usage error", "3:a budget is exceeded"
        })
final class InstructionsRun implements Callable<Integer> {

    static final int OVER_BUDGET = 3;

    /** New keys of a fork begin so far from those of the fork before. */
    private static final long NEW_KEYS_PER_FORK = 1L << 32;

    @Option(
            names = "--keys",
            split = ",",
            defaultValue = "20000",
            description = "Keys in the store, one size or several (${DEFAULT-VALUE}).")
    private List<Long> keys;

    @Option(
            names = "--operations",
            split = ",",
            description = "Only these: ${COMPLETION-CANDIDATES}; the harness alone is always counted.")
    private List<CountedOperation> operations = List.of(CountedOperation.values());

    @Option(names = "--forks", defaultValue = "3", description = "JVMs for each operation (${DEFAULT-VALUE}).")
    private int forks;

    @Option(
            names = "--samples",
            defaultValue = "100",
            description = "Keys whose instructions are stepped through in each fork (${DEFAULT-VALUE}).")
    private int keysStepped;

    @Option(
            names = "--warm-up",
            defaultValue = "2",
            description = "Least seconds of warm-up; it goes on while anything is compiled (${DEFAULT-VALUE}).")
    private double warmUpSeconds;

    @Option(
            names = "--budgets",
            defaultValue = "bench/instructions.budgets",
            description = "File of the most that each operation may take (${DEFAULT-VALUE}).")
    private Path budgetFile;

    @Option(
            names = "--dump",
            description = "Also shows which methods the instructions of the last fork belong to; needs the right to"
                    + " trace any process of the user.")
    private boolean dump;

    @Mixin
    private ResultOptions results;

    private final PrintStream out;
    private final List<InstructionsSample> samples = new ArrayList<>();

    InstructionsRun(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) {
        CommandLine commandLine =
                new CommandLine(new InstructionsRun(System.out)).setCaseInsensitiveEnumValuesAllowed(true);
        System.exit(commandLine.execute(args));
    }

    /**
     * What one fork counted; the instructions are those of one key. The median of the iterations is the figure: the
     * mean of so few swings with what is rare, such as a wait for a new segment, which a stepped thread feels a
     * thousandfold.
     */
    record InstructionsSample(long keys, CountedOperation operation, int fork, double mean, double median) {}

    /** The forks together; the budget is NaN if there is none. */
    record Row(
            long keys,
            CountedOperation operation,
            double median,
            double lowest,
            double highest,
            double withoutHarness,
            double budget) {

        boolean isOverBudget() {
            return median > budget;
        }
    }

    @Override
    public Integer call() throws IOException {
        Budgets budgets = Budgets.read(budgetFile);
        Report report = Report.begin("instructions", DataDirectory.parent());
        out.println(report.heading());
        List<Row> rows = new ArrayList<>();
        for (long size : keys) {
            rows.addAll(count(size, budgets));
        }
        out.printf("%ninstructions per key, median of %d forks%n%n%s", forks, table(rows));
        out.printf("%nwritten: %s%n", report.write(results.folder(), rows, samples));
        List<Row> over = rows.stream().filter(Row::isOverBudget).toList();
        over.forEach(row -> out.printf(
                "%s at %,d keys takes %.1f instructions; the budget in %s is %.0f%n",
                row.operation().label(), row.keys(), row.median(), budgetFile, row.budget()));
        return over.isEmpty() ? 0 : OVER_BUDGET;
    }

    private List<Row> count(long size, Budgets budgets) throws IOException {
        List<CountedOperation> wanted = CountedOperation.readsFirst(operations.stream()
                .filter(operation -> operation != CountedOperation.EMPTY)
                .toList());
        Path directory = DataDirectory.create();
        try {
            if (wanted.stream().anyMatch(CountedOperation::isOnStore)) {
                load(directory, size);
            }
            Row harness = count(size, CountedOperation.EMPTY, directory, 0, budgets);
            List<Row> rows = new ArrayList<>(List.of(harness));
            for (CountedOperation operation : wanted) {
                rows.add(count(size, operation, directory, harness.median(), budgets));
            }
            return rows;
        } finally {
            DataDirectory.delete(directory);
        }
    }

    private static void load(Path directory, long size) {
        try (Contender contender = EngineKind.PENSTOCK.open(directory, size)) {
            ContenderSession.load(contender, size);
        }
    }

    private Row count(long size, CountedOperation operation, Path directory, double harness, Budgets budgets)
            throws IOException {
        List<Double> counts = new ArrayList<>();
        for (int fork = 1; fork <= forks; fork++) {
            InstructionsSample sample = countInFork(size, operation, directory, fork);
            samples.add(sample);
            counts.add(sample.median());
            out.printf(
                    "%,13d keys  %-24s fork %d/%d  median %9.1f  mean %9.1f%n",
                    size, operation.label(), fork, forks, sample.median(), sample.mean());
        }
        Spread count = Spread.of(counts, Double::doubleValue);
        OptionalDouble budget = budgets.limit(size, operation);
        return new Row(
                size,
                operation,
                count.median(),
                count.lowest(),
                count.highest(),
                count.median() - harness,
                budget.orElse(Double.NaN));
    }

    private InstructionsSample countInFork(long size, CountedOperation operation, Path directory, int fork)
            throws IOException {
        String[] arguments = {
            operation.key(),
            directory.toString(),
            Long.toString(size),
            Long.toString(size + fork * NEW_KEYS_PER_FORK),
            Double.toString(warmUpSeconds)
        };
        List<String> more = new ArrayList<>(InstructionsChild.JVM_ARGUMENTS);
        if (dump) {
            more.addAll(CompiledCode.CHILD_JVM_ARGUMENTS);
        }
        List<String> jvmArguments = ChildJvm.arguments(768 + size / 2500, more);
        try (ChildJvm child = new ChildJvm(jvmArguments, InstructionsChild.class, arguments)) {
            String[] place = child.line().split(" ", -1);
            InstructionCount count;
            try (SteppedThread thread = new SteppedThread(Integer.parseInt(place[0]))) {
                count = InstructionCount.of(
                        thread, Long.parseLong(place[1]), Math.ceilDiv(keysStepped, operation.batch()));
            }
            if (dump && fork == forks) {
                print(operation, child.pid(), count);
            }
            return new InstructionsSample(
                    size,
                    operation,
                    fork,
                    count.perIteration() / operation.batch(),
                    count.medianPerIteration() / operation.batch());
        }
    }

    private void print(CountedOperation operation, long pid, InstructionCount count) throws IOException {
        Map<Long, Long> visits = count.visits();
        CodeProfile profile = new CodeProfile(
                visits, CompiledCode.chains(pid, visits.keySet()), (long) count.usualIterations() * operation.batch());
        out.printf("%n%s: instructions per key by method%n%n%s%n", operation.label(), profile.table());
    }

    private static Table table(List<Row> rows) {
        Table table = new Table(2, "operation", "keys", "instructions", "low", "high", "without harness", "budget");
        for (Row row : rows) {
            table.row(
                    row.operation().label(),
                    "%,d".formatted(row.keys()),
                    "%.1f".formatted(row.median()),
                    "%.1f".formatted(row.lowest()),
                    "%.1f".formatted(row.highest()),
                    row.operation() == CountedOperation.EMPTY ? "-" : "%.1f".formatted(row.withoutHarness()),
                    Double.isNaN(row.budget()) ? "-" : "%.0f".formatted(row.budget()));
        }
        return table;
    }
}
