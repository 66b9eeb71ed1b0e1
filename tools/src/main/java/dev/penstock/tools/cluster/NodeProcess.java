package dev.penstock.tools.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.tools.process.MainClass;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * A node in a process of its own: the command {@code cluster node}, with the options of this JVM. It stops when its
 * standard input ends, and so it does not outlive this process, whatever ends that. Any thread.
 */
final class NodeProcess {

    private static final String UNSAFE = "--sun-misc-unsafe-memory-access=";
    private static final String OWN_DESCRIPTORS = "/proc/self/fd/";
    private static final long LAST_LINES_SECONDS = 5;

    /** The JVM has taken their options as its own, which the node gets as words. */
    private static final List<String> OPTION_VARIABLES =
            List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

    private final Process process;
    private final CompletableFuture<Integer> exit;

    private NodeProcess(Process process, CompletableFuture<Integer> exit) {
        this.process = process;
        this.exit = exit;
    }

    /**
     * Starts a node.
     *
     * @param name of the node
     * @param arguments of the command {@code cluster node}
     * @param output takes each line that it prints on standard output
     * @param errors takes each line of its log
     */
    static NodeProcess start(
            String name, List<String> arguments, BiConsumer<String, String> output, BiConsumer<String, String> errors)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options());
        command.addAll(List.of("-cp", shared(System.getProperty("java.class.path")), MainClass.NAME));
        command.addAll(List.of("cluster", "node"));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        OPTION_VARIABLES.forEach(builder.environment()::remove);
        Process process = builder.start();
        CompletableFuture<Void> read = CompletableFuture.allOf(
                reader(name, process.getInputStream(), output), reader(name, process.getErrorStream(), errors));
        // What it said last comes before its end, unless a process of its own keeps its output open.
        CompletableFuture<Integer> exit = process.onExit()
                .thenCompose(ended -> read.completeOnTimeout(null, LAST_LINES_SECONDS, TimeUnit.SECONDS)
                        .thenApply(_ -> ended.exitValue()));
        return new NodeProcess(process, exit);
    }

    /** Those of this JVM, whose launcher knows what a node needs. A debugger is this process's alone. */
    private static List<String> options() {
        List<String> options = new ArrayList<>();
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!option.startsWith("-agentlib:jdwp") && !option.startsWith(UNSAFE)) {
                options.add(shared(option));
            }
        }
        options.add(UNSAFE + "allow"); // by the Netty inside of Ratis
        return options;
    }

    /** A descriptor that the launcher has opened for this process, as another process names it. */
    private static String shared(String text) {
        return text.replace(OWN_DESCRIPTORS, "/proc/" + ProcessHandle.current().pid() + "/fd/");
    }

    private static CompletableFuture<Void> reader(String name, InputStream from, BiConsumer<String, String> lines) {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("penstock-lines-of-" + name).start(() -> {
            try (BufferedReader reader = new BufferedReader(new InputStreamReader(from, UTF_8))) {
                reader.lines().forEach(line -> lines.accept(name, line));
            } catch (IOException | UncheckedIOException e) {
                // It is closed when the process has ended.
            } finally {
                ended.complete(null);
            }
        });
        return ended;
    }

    long pid() {
        return process.pid();
    }

    /** The exit code, when the process has ended and all that it printed was passed on, or 5 s later. */
    CompletableFuture<Integer> exit() {
        return exit;
    }

    /** Tells it to stop; returns at once. */
    void stop() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It has ended.
        }
    }

    /** Ends it as a power cut would. */
    void kill() {
        process.destroyForcibly();
    }
}
