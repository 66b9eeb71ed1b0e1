package dev.penstock.bench.scale;

import dev.penstock.bench.engine.ContenderSession;
import dev.penstock.bench.engine.Dataset;
import dev.penstock.bench.engine.PenstockContender;
import dev.penstock.bench.process.DataDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What {@link MemoryRun} has a child JVM do: load a store and say after every so many keys how much memory its index
 * has by the store's own account, and how much more of its own the process has than before, as Linux counts it. The
 * heap is touched from the start and does not count; mapped files do not either.
 */
final class MemoryChild {

    private static final long WARMUP_KEYS = 500_000;
    private static final int WARMUPS = 3;

    private MemoryChild() {}

    /** Arguments: numbers of keys. */
    public static void main(String[] args) throws IOException {
        long[] counts = Stream.of(args).mapToLong(Long::parseLong).sorted().toArray();
        for (int i = 0; i < WARMUPS; i++) {
            load(new long[] {Math.min(WARMUP_KEYS, counts[counts.length - 1])}, false);
        }
        load(counts, true);
    }

    private static void load(long[] counts, boolean prints) throws IOException {
        Path directory = DataDirectory.create();
        long before = ownBytes();
        try (PenstockContender contender = new PenstockContender(directory, false);
                ContenderSession session = contender.session()) {
            long n = 0;
            for (long count : counts) {
                for (; n < count; n++) {
                    session.put(Dataset.high(n), Dataset.low(n), n + ContenderSession.LOADED);
                }
                if (prints) {
                    System.out.println(contender.indexBytes() + " " + (ownBytes() - before));
                }
            }
        } finally {
            DataDirectory.delete(directory);
        }
    }

    /** What the process has that belongs to no file. */
    static long ownBytes() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            String kibibytes = lines.filter(line -> line.startsWith("RssAnon:"))
                    .findFirst()
                    .orElseThrow()
                    .replaceAll("\\D", "");
            return Long.parseLong(kibibytes) * 1024;
        }
    }
}
