package dev.penstock.bench.scale;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.bench.engine.Dataset;
import dev.penstock.bench.engine.RandomWalk;
import dev.penstock.bench.process.DataDirectory;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.StoreStats;
import dev.penstock.store.StoreStats.CompactionStats;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * What {@link CompactionRun} has a child JVM do: one thread overwrites keys of a fixed set at random while another
 * gets, with and without compaction in the background. Prints one JSON object for each phase.
 */
final class CompactionChild {

    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long SAMPLE_NANOS = 100 * NANOS_PER_MILLI;
    /** As fast as it goes. */
    private static final long FULL_SPEED = 0;

    private static final double SETTLED_RATIO = 1.5;
    /** Of each key; a small store takes more than that ratio for ever. */
    private static final int MOST_OVERWRITES_TO_SETTLE = 10;

    private final ObjectMapper json = new ObjectMapper();
    private final Path directory;
    private final Store store;
    private final long keys;
    private final byte[] value;
    private final long phaseNanos;
    private final RandomWalk puts;
    private final byte[] putKey = new byte[Dataset.KEY_LENGTH];
    private volatile boolean done;

    private CompactionChild(Path directory, Store store, long keys, int valueLength, long seconds) {
        this.directory = directory;
        this.store = store;
        this.keys = keys;
        this.value = new byte[valueLength];
        this.phaseNanos = seconds * NANOS_PER_SECOND;
        this.puts = new RandomWalk(keys);
    }

    /**
     * What one phase gave.
     *
     * @param spaceMean bytes of the log's files over bytes of live records, on average
     * @param spaceMost the same, at the worst moment that was looked at
     * @param writeAmplification bytes written over bytes of the records that were put
     * @param movedMebibytesPerSecond what compaction copied
     */
    record Result(
            String phase,
            double putsPerSecond,
            double spaceMean,
            double spaceMost,
            double writeAmplification,
            double movedMebibytesPerSecond,
            OperationLatencies.Summary gets) {}

    /**
     * Arguments: keys, length of values, seconds for each phase, puts a second where it is not full speed, segment
     * size.
     */
    public static void main(String[] args) throws IOException {
        Path directory = DataDirectory.create();
        StoreOptions options = StoreOptions.defaults().withSegmentSize(Long.parseLong(args[4]));
        try (Store store = Store.open(directory, options)) {
            CompactionChild child = new CompactionChild(
                    directory, store, Long.parseLong(args[0]), Integer.parseInt(args[1]), Long.parseLong(args[2]));
            child.run(Long.parseLong(args[3]));
        } finally {
            DataDirectory.delete(directory);
        }
    }

    private void run(long putsPerSecond) throws IOException {
        long rate = store.compactionRate();
        store.setCompactionRate(0);
        for (long n = 0; n < keys; n++) {
            put(n);
        }
        phase("warm-up", FULL_SPEED);
        print(phase("fixed rate, no compaction", putsPerSecond));
        print(phase("full speed, no compaction", FULL_SPEED));
        store.setCompactionRate(rate);
        settle();
        print(phase("full speed, compaction", FULL_SPEED));
        print(phase("fixed rate, compaction", putsPerSecond));
    }

    /** Overwrites until the files have come down to where they stay, and then as much again. */
    private void settle() {
        long count = 0;
        while (count < MOST_OVERWRITES_TO_SETTLE * keys && logBytes() > SETTLED_RATIO * store.liveBytes()) {
            count += overwrite(keys / 10);
        }
        overwrite(keys);
    }

    private long overwrite(long count) {
        for (long i = 0; i < count; i++) {
            put(puts.next());
        }
        return count;
    }

    private void print(Result result) throws IOException {
        System.out.println(json.writeValueAsString(result));
    }

    private void put(long n) {
        ByteBuffer.wrap(putKey).putLong(Dataset.high(n)).putLong(Dataset.low(n));
        store.put(putKey, value);
    }

    private Result phase(String name, long putsPerSecond) throws IOException {
        done = false;
        OperationLatencies latencies = new OperationLatencies("get");
        StoreStats before = store.stats();
        // Not of the common pool, which has one thread on a machine of two processors.
        CompletableFuture<Void> reader = CompletableFuture.runAsync(() -> get(latencies), Thread.ofPlatform()::start);
        CompletableFuture<double[]> space = CompletableFuture.supplyAsync(this::watchSpace, Thread.ofPlatform()::start);
        long start = System.nanoTime();
        long count = 0;
        long now = start;
        for (; now - start < phaseNanos; now = System.nanoTime()) {
            if (putsPerSecond == FULL_SPEED || count < (now - start) * putsPerSecond / NANOS_PER_SECOND) {
                put(puts.next());
                count++;
            } else {
                LockSupport.parkNanos(NANOS_PER_MILLI / 2);
            }
        }
        done = true;
        reader.join();
        double[] amplification = space.join();
        double seconds = (double) (now - start) / NANOS_PER_SECOND;
        CompactionStats from = before.compaction();
        CompactionStats to = store.stats().compaction();
        long moved = to.movedBytes() - from.movedBytes();
        long appended = to.appendedBytes() - from.appendedBytes();
        long checkpoints = to.checkpointBytes() - from.checkpointBytes();
        return new Result(
                name,
                count / seconds,
                amplification[0],
                amplification[1],
                (double) (appended + checkpoints) / (appended - moved),
                moved / seconds / (1 << 20),
                latencies.summary());
    }

    private void get(OperationLatencies latencies) {
        RandomWalk gets = new RandomWalk(keys);
        byte[] key = new byte[Dataset.KEY_LENGTH];
        while (!done) {
            long n = gets.next();
            ByteBuffer.wrap(key).putLong(Dataset.high(n)).putLong(Dataset.low(n));
            long before = System.nanoTime();
            byte[] found = store.getBytes(key);
            latencies.record(System.nanoTime() - before);
            if (found == null || found.length != value.length) {
                throw new IllegalStateException("key " + n + " is not what was put");
            }
        }
    }

    /** By what the files of the log take: on average, and at most. */
    private double[] watchSpace() {
        double sum = 0;
        double most = 0;
        int samples = 0;
        do {
            double amplification = (double) logBytes() / store.liveBytes();
            sum += amplification;
            most = Math.max(most, amplification);
            samples++;
            LockSupport.parkNanos(SAMPLE_NANOS);
        } while (!done);
        return new double[] {sum / samples, most};
    }

    private long logBytes() {
        try (Stream<Path> files = Files.list(directory)) {
            long bytes = 0;
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".log")).toList()) {
                bytes += size(file);
            }
            return bytes;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long size(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException removedMeanwhile) {
            return 0;
        }
    }
}
