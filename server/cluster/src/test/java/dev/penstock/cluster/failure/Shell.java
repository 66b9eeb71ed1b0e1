package dev.penstock.cluster.failure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Commands of the system that tests need. */
final class Shell {

    private Shell() {}

    /** Runs a command; fails if it does. */
    static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + output);
        }
        return output;
    }

    /** Whether a command can be run and succeeds. */
    static boolean succeeds(String... command) throws InterruptedException {
        try {
            run(command);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
