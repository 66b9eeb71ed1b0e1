package dev.penstock.bench.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A JVM for one measurement, with this one's class path. It talks by lines on its standard output; what it says on
 * the other one is shown. It dies with this JVM even when that is interrupted.
 */
public final class ChildJvm implements AutoCloseable {

    private final Process process;
    private final BufferedReader output;
    private final Thread atExit;

    /** Starts the main method of a class. */
    public ChildJvm(List<String> jvmArguments, Class<?> main, String... arguments) {
        this(List.of(), jvmArguments, main, arguments);
    }

    /** The same by a command that takes the command of the JVM as its last arguments. */
    public ChildJvm(List<String> by, List<String> jvmArguments, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(by);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xlog:disable", "-Xlog:all=warning:stderr")); // standard output has the figures alone
        command.addAll(jvmArguments);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        atExit = new Thread(process::destroyForcibly);
        try {
            Runtime.getRuntime().addShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // This JVM is ending already, and nobody would end the process later.
            process.destroyForcibly();
            throw e;
        }
    }

    /**
     * The arguments of every JVM that measures: a heap that does not grow, the collector without threads that would run
     * beside the benchmark, native access, where the data goes, and what the engine needs.
     */
    public static List<String> arguments(long heapMebibytes, List<String> more) {
        List<String> arguments = new ArrayList<>(List.of(
                "-Xms" + heapMebibytes + "m",
                "-Xmx" + heapMebibytes + "m",
                "-XX:+UseParallelGC",
                "--enable-native-access=ALL-UNNAMED",
                "-D" + DataDirectory.PARENT_PROPERTY + "=" + DataDirectory.parent()));
        arguments.addAll(more);
        return arguments;
    }

    /** The kernel's number of the child. */
    public long pid() {
        return process.pid();
    }

    /** The next line that the child prints; throws if it ends instead. */
    public String line() {
        try {
            String line = output.readLine();
            if (line == null) {
                throw new IllegalStateException("a child JVM ended with exit code " + await());
            }
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads what the child prints until it ends; throws if it ends badly. */
    public List<String> lines() {
        List<String> lines = output.lines().toList();
        int code = await();
        if (code != 0) {
            throw new IllegalStateException("a child JVM ended with exit code " + code);
        }
        return lines;
    }

    private int await() {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Kills the child as SIGKILL does, if it is still there, and returns when it is gone. */
    @Override
    public void close() {
        process.destroyForcibly();
        await();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }
}
