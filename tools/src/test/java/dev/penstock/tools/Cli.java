package dev.penstock.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.tools.console.Console;
import dev.penstock.tools.console.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The program as a terminal sees it, without a process of its own. */
public final class Cli {

    private Cli() {}

    /** What one run left behind. */
    public record Result(int exitCode, Output output, String err) {

        public String out() {
            return new String(output.bytes(), UTF_8);
        }

        public List<String> lines() {
            return out().lines().toList();
        }

        public JsonNode json() throws IOException {
            return Json.MAPPER.readTree(output.bytes());
        }

        /** Checks the exit code, and shows standard error where it is another. */
        public Result exits(int expected) {
            assertEquals(expected, exitCode, err);
            return this;
        }

        /** Checks that there is exactly one line on standard error, and gives it. */
        public String complaint() {
            assertEquals(1, err.lines().count(), err);
            return err.strip();
        }
    }

    /** Standard output, byte for byte. */
    public static final class Output {
        private final byte[] bytes;

        private Output(byte[] bytes) {
            this.bytes = bytes;
        }

        public byte[] bytes() {
            return bytes;
        }
    }

    public static Result run(Object... arguments) {
        return runWithInput(new byte[0], arguments);
    }

    public static Result runWithInput(byte[] input, Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(new ByteArrayInputStream(input), out, err, () -> 0);
        String[] words = Arrays.stream(arguments).map(Cli::word).toArray(String[]::new);
        int exitCode = runOn(console, words);
        return new Result(exitCode, new Output(out.toByteArray()), err.toString(UTF_8));
    }

    /** Runs the program with the streams of a test; returns its exit code. */
    public static int runOn(Console console, String... arguments) {
        return Penstock.run(console, arguments);
    }

    /** The name of the main class. */
    public static String mainClass() {
        return Penstock.class.getName();
    }

    private static String word(Object argument) {
        return argument instanceof Path path ? path.toString() : String.valueOf(argument);
    }
}
