package dev.penstock.bench.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a result was measured on, so that nobody compares absolute figures of two machines.
 *
 * @param processor the processor's own name
 * @param cores processors of the machine, whether or not this process may use them
 * @param memoryBytes physical memory
 * @param kernel name and release of the operating system
 * @param jdk the JVM's name and version
 * @param fileSystem type of the file system the data lies on
 * @param congestionControl what TCP goes by, which matters on loopback too: BBR paces what a server sends by timers
 */
public record Machine(
        String processor,
        int cores,
        long memoryBytes,
        String kernel,
        String jdk,
        String fileSystem,
        String congestionControl) {

    private static final Path CONGESTION_CONTROL = Path.of("/proc/sys/net/ipv4/tcp_congestion_control");

    /** This machine, for data in this folder. */
    public static Machine here(Path data) {
        try {
            Files.createDirectories(data);
            return new Machine(
                    processorName(),
                    coreCount(),
                    memory(),
                    System.getProperty("os.name") + " " + System.getProperty("os.version"),
                    System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                    Files.getFileStore(data).type(),
                    Files.exists(CONGESTION_CONTROL)
                            ? Files.readString(CONGESTION_CONTROL).strip()
                            : "unknown");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Not the JVM's own count: that one is 1 when the harness is bound to a core. */
    private static int coreCount() throws IOException {
        List<String> processors = cpuinfo("processor");
        return processors.isEmpty() ? Runtime.getRuntime().availableProcessors() : processors.size();
    }

    private static long memory() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getTotalMemorySize();
    }

    private static String processorName() throws IOException {
        List<String> names = cpuinfo("model name");
        return names.isEmpty() ? System.getProperty("os.arch") : names.getFirst();
    }

    /** The values of one field of Linux's list of processors. */
    private static List<String> cpuinfo(String field) throws IOException {
        Path cpuinfo = Path.of("/proc/cpuinfo");
        if (!Files.exists(cpuinfo)) {
            return List.of();
        }
        try (Stream<String> lines = Files.lines(cpuinfo)) {
            return lines.filter(line -> line.startsWith(field))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .toList();
        }
    }

    /** One line for people. */
    public String describe() {
        return "%d x %s, %.0f GiB, %s, %s, data on %s, TCP by %s"
                .formatted(
                        cores,
                        processor,
                        memoryBytes / (double) (1L << 30),
                        kernel,
                        jdk,
                        fileSystem,
                        congestionControl);
    }
}
