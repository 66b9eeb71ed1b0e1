package dev.penstock.bench.server;

import dev.penstock.bench.process.ExternalProgram;
import dev.penstock.bench.process.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What the kernel counts of a server's process. */
final class ServerCounters {

    private static final int ATTACH_MILLIS = 300;

    private ServerCounters() {}

    /** Times that the threads of a process went to sleep or were put aside; threads that ended are not in it. */
    static long contextSwitches(long pid) throws IOException {
        long switches = 0;
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path thread : threads.toList()) {
                switches += contextSwitches(thread);
            }
        }
        return switches;
    }

    private static long contextSwitches(Path thread) throws IOException {
        try (Stream<String> lines = Files.lines(thread.resolve("status"))) {
            return lines.filter(line -> line.contains("ctxt_switches:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        } catch (NoSuchFileException | UncheckedIOException ended) {
            return 0;
        }
    }

    /** Something done while a process is watched. */
    @FunctionalInterface
    interface Work {
        void run() throws IOException;
    }

    /** System calls by name that a process makes during the work; empty where strace is missing or may not watch. */
    static Map<String, Long> systemCalls(long pid, Path folder, Work work) throws IOException {
        Map<String, Long> calls = new LinkedHashMap<>();
        if (!ExternalProgram.isInstalled("strace")) {
            work.run();
            return calls;
        }
        Path output = folder.resolveSibling(folder.getFileName() + ".strace");
        Process strace = new ProcessBuilder(Cores.SERVER.bind(List.of(
                        "strace", "-f", "-c", "-U", "calls,name", "-o", output.toString(), "-p", Long.toString(pid))))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            boolean refused = strace.waitFor(ATTACH_MILLIS, TimeUnit.MILLISECONDS);
            work.run();
            if (refused) {
                return calls;
            }
            new ProcessBuilder("kill", "-INT", Long.toString(strace.pid()))
                    .start()
                    .waitFor();
            strace.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            strace.destroy();
        }
        for (String line : Files.readAllLines(output)) {
            String[] words = line.strip().split("\\s+", -1);
            if (words.length == 2 && words[0].matches("\\d+") && !words[1].equals("total")) {
                calls.put(words[1], Long.parseLong(words[0]));
            }
        }
        Files.delete(output);
        return calls;
    }

    /** What a piece of work cost. */
    record Cost(Duration processorTime, long contextSwitches, double seconds) {}

    static Cost cost(ServerProcess server, Work work) throws IOException {
        Duration before = server.processorTime();
        long switchesBefore = contextSwitches(server.pid());
        long start = System.nanoTime();
        work.run();
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Cost(server.processorTime().minus(before), contextSwitches(server.pid()) - switchesBefore, seconds);
    }
}
