package dev.penstock.bench.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.bench.engine.Dataset;
import dev.penstock.bench.engine.EngineKind;
import dev.penstock.bench.process.DataDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Every cell of the comparison can be run: one short iteration each, inside this JVM, whose figures mean nothing. */
class BenchmarksRunTest {

    private static final long KEYS = 10_000;

    /** What differs from another operation by the size of its batch only. */
    private static final EnumSet<Operation> ALIKE =
            EnumSet.of(Operation.OVERWRITE_100, Operation.OVERWRITE_1000, Operation.LOAD_100, Operation.LOAD_1000);

    static Stream<Arguments> cells() {
        return EnumSet.complementOf(ALIKE).stream()
                .flatMap(operation -> engines(operation).stream().map(engine -> Arguments.of(operation, engine)));
    }

    private static List<String> engines(Operation operation) {
        return operation.isFloor()
                ? List.of(Comparison.FLOOR)
                : operation.engines().stream().map(EngineKind::label).toList();
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cells")
    void runsAndGivesAFigure(Operation operation, String engine) throws RunnerException {
        ChainedOptionsBuilder options = operation
                .select(new OptionsBuilder(), engine, KEYS)
                .forks(0)
                .warmupIterations(0)
                .measurementIterations(1)
                .measurementTime(TimeValue.milliseconds(20))
                .addProfiler(DiskProfiler.class)
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true);

        RunResult result = new Runner(options.build()).runSingle();
        Sample sample = operation.sample(engine, 1, KEYS, result);

        assertTrue(sample.figure() > 0, sample::toString);
        if (operation == Operation.LOAD && EngineKind.named(engine).isPersistent()) {
            assertTrue(sample.diskBytes() > KEYS * Dataset.VALUE_LENGTH, sample::toString);
        }
    }

    @AfterAll
    static void nothingIsLeftOnDisk() throws IOException {
        try (Stream<Path> left = Files.list(DataDirectory.parent())) {
            assertEquals(List.of(), left.toList());
        }
    }
}
