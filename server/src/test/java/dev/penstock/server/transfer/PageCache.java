package dev.penstock.server.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What of a directory's files is in memory. */
public final class PageCache {

    private static final long PAGE = 4096;

    private PageCache() {}

    /** Has the kernel drop what it keeps of the files; none of them may be mapped. Whether it did so. */
    public static boolean drop(Path directory) throws IOException, InterruptedException {
        for (Path file : files(directory)) {
            Process process = new ProcessBuilder(
                            "dd", "of=" + file, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none")
                    .inheritIO()
                    .start();
            if (process.waitFor() != 0) {
                return false;
            }
        }
        return residentBytes(directory) == 0;
    }

    /**
     * Has the kernel drop what it keeps of a part of a file, which must not be mapped in: offset and length are in MiB.
     */
    public static void drop(Path file, int offset, int length) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        "dd",
                        "if=" + file,
                        "of=/dev/null",
                        "iflag=nocache",
                        "bs=1M",
                        "skip=" + offset,
                        "count=" + length,
                        "status=none")
                .inheritIO()
                .start();
        assertEquals(0, process.waitFor());
    }

    /** Bytes of the files that are in memory. */
    public static long residentBytes(Path directory) throws IOException {
        long bytes = 0;
        for (Path file : files(directory)) {
            try (FileChannel channel = FileChannel.open(file);
                    Arena arena = Arena.ofConfined()) {
                MemorySegment memory = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
                for (long at = 0; at < memory.byteSize(); at += PAGE) {
                    long length = Math.min(PAGE, memory.byteSize() - at);
                    bytes += memory.asSlice(at, length).isLoaded() ? length : 0;
                }
            }
        }
        return bytes;
    }

    private static Iterable<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(PageCache::hasContent).toList();
        }
    }

    private static boolean hasContent(Path file) {
        try {
            return Files.isRegularFile(file) && Files.size(file) > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
