package dev.penstock.bench.scale;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The programs that start child JVMs work from end to end, on stores so small that the figures mean nothing. */
class ProgramsRunTest {

    @TempDir
    private Path results;

    @Test
    void opensAfterACloseAndAfterAKill() throws IOException {
        String output = run(OpenRun::new, "--keys", "1000", "--engines", "penstock", "--tails", "10");

        assertTrue(output.contains("| the JVM alone "), output);
        assertTrue(output.contains("| closed "), output);
        assertTrue(output.contains("| killed, 10 puts after the close "), output);
    }

    @Test
    void timesEveryPutAndEveryGet() throws IOException {
        String output = run(LatencyRun::new, "--keys", "20000");

        for (String operation :
                List.of("put of a new key", "put of a key that is there", "nothing", "get beside a compaction")) {
            assertTrue(output.contains("| " + operation), output);
        }
    }

    @Test
    void overwritesWithAndWithoutCompaction() throws IOException {
        String output = run(
                CompactionRun::new,
                "--keys",
                "20000",
                "--value-bytes",
                "1000",
                "--seconds",
                "1",
                "--segment-bytes",
                "1048576");

        for (String phase : List.of("fixed rate, no compaction", "full speed, compaction", "fixed rate, compaction")) {
            assertTrue(output.contains("| " + phase), output);
        }
        assertTrue(output.contains("| plain copy MiB/s |"), output);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void measuresTheMemoryOfAKey() throws IOException {
        String output = run(MemoryRun::new, "--keys", "1000,200000");

        assertTrue(output.contains("| 200,000 |"), output);
    }

    @Test
    void takesStoresOfSeveralSizesThroughTheirLives() throws IOException {
        String output = run(ScaleRun::new, "--keys", "1000,20000");

        assertTrue(output.contains("| 20,000 keys |"), output);
        assertTrue(output.contains("| verify "), output);
    }

    private String run(Function<PrintStream, Callable<Integer>> program, String... arguments) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            String[] all = Stream.concat(
                            Stream.of(arguments), Stream.of("--rounds", "1", "--results", results.toString()))
                    .toArray(String[]::new);
            assertEquals(0, new CommandLine(program.apply(out)).execute(all));
        }
        try (Stream<Path> written = Files.list(results)) {
            assertEquals(1, written.count());
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
