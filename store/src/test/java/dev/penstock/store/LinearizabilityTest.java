package dev.penstock.store;

import static org.junit.jupiter.api.Assertions.assertNull;

import dev.penstock.store.internal.compaction.CompactionStep;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Histories of concurrent operations on a few keys have an order in which a map would have given the same answers.
 * Lincheck makes the histories, runs each many times on threads of its own, and looks for the order.
 *
 * <p>All histories run on one store, each on keys of its own, so that meanwhile the table grows, segments are rolled
 * and a compaction moves the records: what readers race against.
 */
@Tag("slow")
@Param(name = "key", gen = IntGen.class, conf = "0:2")
@Param(name = "value", gen = IntGen.class, conf = "1:3")
public class LinearizabilityTest {

    private static final int SCENARIOS = Integer.getInteger("penstock.histories", 40);
    private static final int INVOCATIONS = 250;

    private static final AtomicLong INSTANCES = new AtomicLong();
    private static final AtomicBoolean DONE = new AtomicBoolean();
    private static final AtomicReference<Throwable> COMPACTION_FAILURE = new AtomicReference<>();
    private static Path directory;
    private static Store store;
    private static Thread compactor;

    private final long instance = INSTANCES.getAndIncrement();

    @BeforeAll
    static void open() throws IOException {
        directory = MemoryBackedDirectory.make();
        store = Store.open(directory, StoreOptions.defaults().withSegmentSize(1 << 20));
        compactor = Thread.ofPlatform()
                .uncaughtExceptionHandler((thread, failure) -> COMPACTION_FAILURE.set(failure))
                .start(() -> {
                    Random random = new Random(1);
                    while (!DONE.get()) {
                        if (random.nextInt(100) == 0) {
                            store.compact(ProgressListener.NONE);
                        } else {
                            slice(random);
                        }
                    }
                });
    }

    /** Of any segment, in any order. */
    private static void slice(Random random) {
        try {
            CompactionStep.slice(store.owner().compaction.compactor(), random);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterAll
    static void close() throws IOException, InterruptedException {
        DONE.set(true);
        compactor.join();
        store.close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        assertNull(COMPACTION_FAILURE.get());
    }

    @Operation
    public int get(@Param(name = "key") int key) {
        return value(store.getBytes(bytes(key)));
    }

    @Operation
    public boolean contains(@Param(name = "key") int key) {
        return store.contains(bytes(key));
    }

    @Operation
    public void put(@Param(name = "key") int key, @Param(name = "value") int value) {
        store.put(bytes(key), new byte[value]);
    }

    @Operation
    public boolean putIfAbsent(@Param(name = "key") int key, @Param(name = "value") int value) {
        return store.putIfAbsent(bytes(key), new byte[value]);
    }

    @Operation
    public boolean replace(
            @Param(name = "key") int key, @Param(name = "value") int expected, @Param(name = "value") int value) {
        return store.put(bytes(key), new byte[value], WriteOptions.defaults().ifValue(new byte[expected]));
    }

    @Operation
    public boolean remove(@Param(name = "key") int key) {
        return store.remove(bytes(key));
    }

    @Operation
    public int increment(@Param(name = "key") int key) {
        return value(store.merge(bytes(key), new byte[1], (current, one) -> new byte[current.length + 1]));
    }

    private byte[] bytes(int key) {
        return ByteBuffer.allocate(12).putLong(instance).putInt(key).array();
    }

    private static int value(byte[] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    @Test
    @Timeout(600)
    void everyHistoryOfOperationsOnAKeyIsThatOfAMap() {
        new StressOptions()
                .iterations(SCENARIOS)
                .invocationsPerIteration(INVOCATIONS)
                .threads(3)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(1)
                .sequentialSpecification(MapSpecification.class)
                .check(LinearizabilityTest.class);
    }

    /** What the operations mean. */
    public static class MapSpecification {

        private final Map<Integer, Integer> values = new HashMap<>();

        public int get(int key) {
            return values.getOrDefault(key, 0);
        }

        public boolean contains(int key) {
            return values.containsKey(key);
        }

        public void put(int key, int value) {
            values.put(key, value);
        }

        public boolean putIfAbsent(int key, int value) {
            return values.putIfAbsent(key, value) == null;
        }

        public boolean replace(int key, int expected, int value) {
            return values.replace(key, expected, value);
        }

        public boolean remove(int key) {
            return values.remove(key) != null;
        }

        public int increment(int key) {
            return values.merge(key, 1, Integer::sum);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof MapSpecification that && values.equals(that.values);
        }

        @Override
        public int hashCode() {
            return List.of(values).hashCode();
        }
    }
}
