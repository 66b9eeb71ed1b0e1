package dev.penstock.server.report;

import dev.penstock.store.StoreStats;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * The process's own memory at a moment. Not in it are pages of the store's files, which the kernel takes back when it
 * needs them.
 *
 * @param heapBytes objects on the heap, including garbage
 * @param bufferBytes direct buffers, which clients' requests and replies are in
 * @param indexBytes the store's key directory
 * @param residentBytes what Linux counts as the process's own; empty elsewhere
 */
record MemoryUsage(long heapBytes, long bufferBytes, long indexBytes, OptionalLong residentBytes) {

    private static final String RESIDENT = "RssAnon:";

    static MemoryUsage of(StoreStats store) {
        Runtime runtime = Runtime.getRuntime();
        long buffers = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return new MemoryUsage(
                runtime.totalMemory() - runtime.freeMemory(),
                buffers,
                store.index().bytes(),
                resident());
    }

    private static OptionalLong resident() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith(RESIDENT))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst();
        } catch (IOException notLinux) {
            return OptionalLong.empty();
        }
    }

    /** All that is in use. */
    long usedBytes() {
        return heapBytes + bufferBytes + indexBytes;
    }
}
