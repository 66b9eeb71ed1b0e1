package dev.penstock.tools;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Programs that a test needs and a machine may not have. */
public final class Installed {

    private Installed() {}

    /** Skips the test where there is no such program. */
    public static void assume(String program) {
        assumeTrue(has(program), program + " is not installed; what needs it is not tested");
    }

    public static boolean has(String program) {
        return Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    /** Runs a program to its end, which must be a good one; returns what it printed, errors included. */
    public static String run(String... words) throws IOException, InterruptedException {
        List<String> command = Arrays.asList(words);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = String.join("\n", process.inputReader().lines().toList());
        if (process.waitFor() != 0) {
            throw new AssertionError(command + " ended with " + process.exitValue() + ":\n" + output);
        }
        return output;
    }
}
