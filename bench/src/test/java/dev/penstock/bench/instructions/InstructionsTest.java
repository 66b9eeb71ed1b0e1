package dev.penstock.bench.instructions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.bench.process.ChildJvm;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(120)
class InstructionsTest {

    /** The exit code of a JVM that was told to end. */
    private static final int ENDED_BY_SIGTERM = 143;

    @TempDir
    private Path folder;

    @Test
    void aLoopOfKnownMachineCodeTakesExactlyItsInstructions() throws IOException {
        assumeTrue(Ptrace.isSupported(), "needs Linux on x86-64");
        try (ChildJvm child = new ChildJvm(ChildJvm.arguments(64, List.of()), KnownLoop.class)) {
            String[] place = child.line().split(" ", -1);
            InstructionCount count;
            try (SteppedThread thread = new SteppedThread(Integer.parseInt(place[0]))) {
                count = InstructionCount.of(thread, Long.parseLong(place[1]), 20);
            }

            assertEquals(KnownLoop.INSTRUCTIONS, count.perIteration());
            assertEquals(KnownLoop.INSTRUCTIONS, count.medianPerIteration());
            assertEquals(
                    List.of(20L, 2000L),
                    count.visits().values().stream().distinct().sorted().toList());
        }
    }

    /** The loop saves the flags and restores them, the trap flag of the single steps among them. */
    @Test
    void aThreadThatWasSteppedRunsOn() throws IOException {
        assumeTrue(Ptrace.isSupported(), "needs Linux on x86-64");
        try (ChildJvm child = new ChildJvm(ChildJvm.arguments(64, List.of()), KnownLoop.class)) {
            String[] place = child.line().split(" ", -1);
            try (SteppedThread thread = new SteppedThread(Integer.parseInt(place[0]))) {
                InstructionCount.of(thread, Long.parseLong(place[1]), 1);
            }
            ProcessHandle.of(child.pid()).orElseThrow().destroy();

            IllegalStateException ended = assertThrows(IllegalStateException.class, child::lines);
            assertTrue(ended.getMessage().endsWith(" " + ENDED_BY_SIGTERM), ended::getMessage);
        }
    }

    @Test
    void aThreadThatIsNotThereIsReported() {
        assumeTrue(Ptrace.isSupported(), "needs Linux on x86-64");
        IOException failure = assertThrows(IOException.class, () -> new SteppedThread(Integer.MAX_VALUE).close());
        assertTrue(failure.getMessage().contains("ptrace"), failure::getMessage);
    }

    @Test
    void anOperationIsCountedAndItsMethodsShown() throws IOException {
        assumeTrue(Ptrace.isSupported(), "needs Linux on x86-64");
        String output = run(0, "2000 get 100000", "--dump");

        assertTrue(output.contains("| harness alone | 2,000 |"), output);
        assertTrue(output.contains("| get           | 2,000 |"), output);
        assertTrue(output.contains("| Dataset.mix "), output);
    }

    @Test
    void anExceededBudgetIsAnExitCodeOfItsOwn() throws IOException {
        assumeTrue(Ptrace.isSupported(), "needs Linux on x86-64");
        String output = run(InstructionsRun.OVER_BUDGET, "2000 get 1");

        assertTrue(output.contains("get at 2,000 keys takes "), output);
    }

    @Test
    void aLineThatIsNoBudgetIsNamed() throws IOException {
        for (String line : List.of("20000 get", "many get 900", "20000 fetch 900", "20000 get 900 1", "20000 get x")) {
            Path file = Files.writeString(folder.resolve("budgets"), "# comment\n\n1 get 2\n" + line + "\n");
            IOException failure = assertThrows(IOException.class, () -> Budgets.read(file));
            assertTrue(failure.getMessage().contains("line 4"), failure::getMessage);
            assertTrue(failure.getMessage().contains(line), failure::getMessage);
        }
        Path file = Files.writeString(folder.resolve("budgets"), "1 get 2\n1 get 3\n");
        assertThrows(IOException.class, () -> Budgets.read(file));
    }

    @Test
    void theBudgetsThatAreCheckedInAreReadable() throws IOException {
        Budgets budgets = Budgets.read(Path.of("instructions.budgets"));
        for (CountedOperation operation : CountedOperation.values()) {
            assertTrue(budgets.limit(20_000, operation).isPresent(), operation.key());
        }
        assertEquals(OptionalDouble.empty(), budgets.limit(7, CountedOperation.GET));
    }

    @Test
    void anInlinedMethodsInstructionsAreItsOwnAndCountForItsCallers() {
        CodeProfile profile = new CodeProfile(
                Map.of(1L, 30L, 2L, 20L), Map.of(1L, List.of("A.inner", "B.outer"), 2L, List.of("B.outer")), 10);

        assertEquals(3, profile.self("A.inner"));
        assertEquals(2, profile.self("B.outer"));
        assertTrue(
                profile.table().toString().contains("| B.outer |                     2.0 |"),
                profile.table()::toString);
        assertTrue(profile.table().toString().contains("|                          5.0 |"), profile.table()::toString);
    }

    private String run(int exitCode, String budget, String... more) throws IOException {
        Path budgets = Files.writeString(folder.resolve("budgets"), budget + "\n");
        Stream<String> arguments = Stream.of(
                "--keys=2000",
                "--operations=get",
                "--forks=1",
                "--samples=5",
                "--warm-up=0.1",
                "--budgets=" + budgets,
                "--results=" + folder.resolve("results"));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            int code = new CommandLine(new InstructionsRun(out))
                    .setCaseInsensitiveEnumValuesAllowed(true)
                    .execute(Stream.concat(arguments, Stream.of(more)).toArray(String[]::new));
            assertEquals(exitCode, code, () -> bytes.toString(StandardCharsets.UTF_8));
        }
        try (Stream<Path> written = Files.list(folder.resolve("results"))) {
            assertEquals(1, written.count());
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
