package dev.penstock.bench.scale;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.bench.engine.Dataset;
import dev.penstock.bench.engine.RandomWalk;
import dev.penstock.bench.process.DataDirectory;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * What {@link CompactionRun} has a child JVM do for a compaction that is requested while nobody else uses the store:
 * half of a log is dead, and what is live of it is rewritten; and as many bytes of it are copied to a file. Both are
 * forced to the device before the clock stops. Prints one JSON object.
 */
final class OfflineCompactionChild {

    private static final double MEBIBYTE = 1 << 20;

    private final Path directory;
    private final StoreOptions options;
    private final long keys;
    private final byte[] value;

    private OfflineCompactionChild(Path directory, StoreOptions options, long keys, int valueLength) {
        this.directory = directory;
        this.options = options;
        this.keys = keys;
        this.value = new byte[valueLength];
    }

    /**
     * What came of it.
     *
     * @param movedMebibytesPerSecond bytes of live records over the time that compaction took
     * @param copiedMebibytesPerSecond the same of a plain copy of as many bytes
     */
    record Result(
            double liveMebibytes,
            double filesBefore,
            double filesAfter,
            double movedMebibytesPerSecond,
            double copiedMebibytesPerSecond) {}

    /** Arguments: keys, length of values, segment size. */
    public static void main(String[] args) throws IOException {
        Path directory = DataDirectory.create();
        try {
            StoreOptions options = StoreOptions.defaults()
                    .withSegmentSize(Long.parseLong(args[2]))
                    .withCompactionRate(0);
            OfflineCompactionChild child =
                    new OfflineCompactionChild(directory, options, Long.parseLong(args[0]), Integer.parseInt(args[1]));
            System.out.println(new ObjectMapper().writeValueAsString(child.run()));
        } finally {
            DataDirectory.delete(directory);
        }
    }

    private Result run() throws IOException {
        fill();
        try (Store store = Store.open(directory, options)) {
            long live = store.liveBytes();
            long before = logBytes();
            double copied = live / MEBIBYTE / secondsToCopy(live);
            long start = System.nanoTime();
            store.compact(ProgressListener.NONE);
            double seconds = (System.nanoTime() - start) / 1e9;
            return new Result(
                    live / MEBIBYTE,
                    (double) before / live,
                    (double) logBytes() / live,
                    live / MEBIBYTE / seconds,
                    copied);
        }
    }

    /** Each key is put, and then as many of them once more, at random. */
    private void fill() {
        try (Store store = Store.open(directory, options)) {
            byte[] key = new byte[Dataset.KEY_LENGTH];
            RandomWalk walk = new RandomWalk(keys);
            for (long count = 0; count < 2 * keys; count++) {
                long n = count < keys ? count : walk.next();
                ByteBuffer.wrap(key).putLong(Dataset.high(n)).putLong(Dataset.low(n));
                store.put(key, value);
            }
        }
    }

    private double secondsToCopy(long bytes) throws IOException {
        Path copy = directory.resolveSibling(directory.getFileName() + ".copy");
        long start = System.nanoTime();
        try (FileChannel to = FileChannel.open(copy, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (Path file : logFiles()) {
                try (FileChannel from = FileChannel.open(file)) {
                    long length = Math.min(from.size(), bytes - to.position());
                    for (long at = 0; at < length; ) {
                        at += from.transferTo(at, length - at, to);
                    }
                }
            }
            to.force(false);
            return (System.nanoTime() - start) / 1e9;
        } finally {
            Files.delete(copy);
        }
    }

    private long logBytes() throws IOException {
        long bytes = 0;
        for (Path file : logFiles()) {
            bytes += Files.size(file);
        }
        return bytes;
    }

    private List<Path> logFiles() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(path -> path.toString().endsWith(".log")).toList();
        }
    }
}
