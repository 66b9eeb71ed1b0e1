package dev.penstock.bench.server;

import dev.penstock.bench.process.ExternalProgram;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What of a folder's files the kernel keeps in memory. */
final class PageCache {

    private static final long PAGE_LENGTH = 4096;

    private PageCache() {}

    /** Writes back and drops the files whose names have a prefix; pages that a process has mapped stay. */
    static void drop(Path folder, String beginning) throws IOException {
        for (Path file : files(folder)) {
            if (!file.getFileName().toString().startsWith(beginning)) {
                continue;
            }
            ExternalProgram.output(
                    List.of("dd", "of=" + file, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none"));
        }
    }

    /** Bytes of the files that are in memory. */
    static long residentBytes(Path folder) throws IOException {
        return residentBytes(folder, "");
    }

    /** Bytes that are in memory of the files whose names end so. */
    static long residentBytes(Path folder, String ending) throws IOException {
        long bytes = 0;
        for (Path file : files(folder)) {
            if (!file.toString().endsWith(ending)) {
                continue;
            }
            try (FileChannel channel = FileChannel.open(file);
                    Arena arena = Arena.ofConfined()) {
                MemorySegment memory = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
                for (long at = 0; at < memory.byteSize(); at += PAGE_LENGTH) {
                    long length = Math.min(PAGE_LENGTH, memory.byteSize() - at);
                    bytes += memory.asSlice(at, length).isLoaded() ? length : 0;
                }
            }
        }
        return bytes;
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(
                            file -> Files.isRegularFile(file) && file.toFile().length() > 0)
                    .toList();
        }
    }
}
