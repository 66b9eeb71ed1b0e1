package dev.penstock.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The program in a process of its own, to be signalled and killed. */
public final class Child implements AutoCloseable {

    public static final int SIGKILLED = 128 + 9;
    public static final int SIGTERMED = 128 + 15;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final Path errors;

    private Child(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
    }

    public static Child start(Object... arguments) throws IOException {
        return start(Map.of(), arguments);
    }

    /** @param environment variables beside those of this process */
    public static Child start(Map<String, String> environment, Object... arguments) throws IOException {
        return start(environment, null, arguments);
    }

    /** @param output where standard output goes; null for this process */
    public static Child start(Map<String, String> environment, Path output, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xlog:disable",
                "-Xlog:all=warning:stderr",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.penstock.tools.Penstock"));
        Arrays.stream(arguments).map(String::valueOf).forEach(command::add);
        Path errors = Files.createTempFile("penstock-child-", ".err");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
        builder.environment().putAll(environment);
        if (output != null) {
            builder.redirectOutput(output.toFile());
        }
        return new Child(builder.start(), errors);
    }

    public OutputStream input() {
        return process.getOutputStream();
    }

    /** The next line on standard output. */
    public String readLine() throws IOException {
        String line = process.inputReader(UTF_8).readLine();
        if (line == null) {
            throw new AssertionError("the process ended: " + errors());
        }
        return line;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** SIGKILL; returns the exit code. */
    public int kill() throws InterruptedException {
        process.destroyForcibly();
        return await();
    }

    /** SIGTERM; returns the exit code. */
    public int terminate() throws InterruptedException {
        // Not by the process itself, which would close its output as well.
        process.toHandle().destroy();
        return await();
    }

    public int await() throws InterruptedException {
        return await(PATIENCE);
    }

    public int await(Duration patience) throws InterruptedException {
        if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the process does not end");
        }
        return process.exitValue();
    }

    public String errors() throws IOException {
        return Files.readString(errors);
    }

    /** Waits until standard error has a text. */
    public void awaitErrors(String text) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (boolean alive = true; !errors().contains(text); alive = isAlive()) {
            if (!alive || System.nanoTime() > deadline) {
                throw new AssertionError("no '" + text + "' in: " + errors());
            }
            Thread.onSpinWait();
        }
    }

    /** What is left on standard output. */
    public String rest() {
        return String.join("\n", process.inputReader(UTF_8).lines().toList());
    }

    /** Waits until the file has at least so many complete lines, or the process has ended; returns how many it has. */
    public int awaitLines(Path file, int lines) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            boolean alive = isAlive();
            int found = completeLines(file).size();
            if (found >= lines || !alive) {
                return found;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("only " + found + " lines of " + lines + " in " + file);
            }
            Thread.onSpinWait();
        }
    }

    /** The lines that end in a line feed: one that was cut off by a kill does not count. */
    public static List<String> completeLines(Path file) throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        String text = Files.readString(file);
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().join();
        Files.deleteIfExists(errors);
    }
}
