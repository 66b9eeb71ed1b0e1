package dev.penstock.bench.scale;

import dev.penstock.bench.engine.Dataset;
import dev.penstock.bench.engine.RandomWalk;
import dev.penstock.bench.process.DataDirectory;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.StoreStats;
import dev.penstock.store.ValueView;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.check.VerifyReport;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What {@link ScaleRun} has a child JVM do: take one store through its life and say a line about each part of it. */
final class ScaleChild {

    static final String SEPARATOR = ";";
    static final String END = "end";

    private static final long MOST_GETS = 10_000_000;
    private static final double MEGA = 1e6;
    private static final double MEBIBYTE = 1 << 20;

    private final long keys;
    private final long operations;
    private final byte[] key = new byte[Dataset.KEY_LENGTH];
    private final byte[] value;
    private final RandomWalk walk;
    private final ValueView view = new ValueView();

    private ScaleChild(long keys, int valueLength, long operations) {
        this.keys = keys;
        this.operations = operations;
        this.value = new byte[valueLength];
        this.walk = new RandomWalk(keys);
    }

    /** Arguments: number of keys, bytes of a value, number of overwrites and of gets at most. */
    public static void main(String[] args) throws IOException {
        Path directory = DataDirectory.create();
        try {
            new ScaleChild(Long.parseLong(args[0]), Integer.parseInt(args[1]), Long.parseLong(args[2])).live(directory);
        } finally {
            DataDirectory.delete(directory);
        }
        System.out.println(END);
    }

    private void live(Path directory) throws IOException {
        try (Store store = Store.open(directory)) {
            say("load", rate(keys, () -> load(store)), "M ops/s");
            sayMemory("memory of its own when loaded");
            say("overwrite at random, compaction on", rate(operations, () -> overwrite(store)), "M ops/s");
            saySpace(store, directory);
            long gets = Math.min(Math.min(operations, keys), MOST_GETS);
            say("get at random", rate(gets, () -> get(store, gets)), "M ops/s");
            sayMemory("memory of its own at the end");
            say("close", seconds(store::close), "s");
        }
        try (Store store = open(directory)) {
            check(store.count() == keys, "%,d keys are there".formatted(store.count()));
        }
        VerifyReport[] report = new VerifyReport[1];
        say("verify", seconds(() -> report[0] = StoreVerifier.verify(directory, (done, total) -> {})), "s");
        check(report[0].isSound(), report[0].findings().toString());
    }

    private Store open(Path directory) {
        Store[] opened = new Store[1];
        double taken = seconds(() -> {
            opened[0] = Store.open(directory, StoreOptions.defaults());
            getOne(opened[0], 0);
        });
        say("open and first get", taken * 1000, "ms");
        return opened[0];
    }

    private void load(Store store) {
        for (long n = 0; n < keys; n++) {
            put(store, n);
        }
    }

    private void overwrite(Store store) {
        for (long i = 0; i < operations; i++) {
            put(store, walk.next());
        }
    }

    private void put(Store store, long n) {
        Dataset.fillKey(key, Dataset.high(n), Dataset.low(n));
        Dataset.WORD.set(value, 0, n);
        store.put(key, value);
    }

    private void get(Store store, long count) {
        for (long i = 0; i < count; i++) {
            getOne(store, walk.next());
        }
    }

    private void getOne(Store store, long n) {
        Dataset.fillKey(key, Dataset.high(n), Dataset.low(n));
        check(store.get(key, view) && view.getLong(0, ByteOrder.LITTLE_ENDIAN) == n, "key " + n + " is another's");
        view.close();
    }

    private void saySpace(Store store, Path directory) throws IOException {
        StoreStats stats = store.stats();
        double live = stats.liveBytes();
        say("disk", diskBytes(directory) / MEBIBYTE, "MiB");
        say("space amplification", diskBytes(directory) / live, "");
        say("index", (double) stats.index().bytes() / keys, "B/key");
    }

    private static double diskBytes(Path directory) throws IOException {
        long sum = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                sum += Files.size(file);
            }
        }
        return sum;
    }

    private static void sayMemory(String phase) throws IOException {
        if (Files.exists(Path.of("/proc/self/status"))) {
            say(phase, MemoryChild.ownBytes() / MEBIBYTE, "MiB");
        }
    }

    private static double rate(long count, Runnable action) {
        return count / seconds(action) / MEGA;
    }

    private static double seconds(Runnable action) {
        long start = System.nanoTime();
        action.run();
        return (System.nanoTime() - start) / 1e9;
    }

    private static void say(String phase, double value, String unit) {
        System.out.println(phase + SEPARATOR + value + SEPARATOR + unit);
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
