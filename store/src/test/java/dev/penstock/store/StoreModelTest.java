package dev.penstock.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.internal.compaction.CompactionStep;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

/**
 * Any sequence of operations leaves a store that says what a map would say, through compactions, clean reopens and
 * crashes of the process at every point in between, with and without the checkpoint that was there.
 */
@Tag("slow")
class StoreModelTest {

    private static final int KEY_COUNT = 26;
    private static final int MAX_EXPIRY_MILLIS = 20;

    /** What a step does. */
    enum Kind {
        PUT,
        PUT_IF_ABSENT,
        REPLACE,
        STREAM,
        PUT_EXPIRING,
        EXPIRE,
        PERSIST,
        TICK,
        SWEEP,
        BATCH,
        REMOVE,
        CLEAR,
        SYNC,
        COMPACT,
        SLICE,
        CHECKPOINT,
        REOPEN,
        CRASH
    }

    /** One step; what it does not need is ignored. */
    record Step(Kind kind, int key, int length) {}

    private final Map<ByteBuffer, byte[]> model = new HashMap<>();
    private final Map<ByteBuffer, Long> expiries = new HashMap<>();
    private long now = 1000;
    private final StoreOptions options = StoreOptions.defaults()
            .withSegmentSize(1 << 20)
            .withVerifyOnRead(true)
            .withCompactionRate(0)
            .withClock(() -> Instant.ofEpochMilli(now));
    private Path root;
    private Path directory;
    private Store store;
    private int generation;

    @BeforeTry
    void open() throws IOException {
        model.clear();
        expiries.clear();
        root = MemoryBackedDirectory.make();
        directory = root.resolve("store");
        store = Store.open(directory, options);
    }

    @AfterTry
    void close() throws IOException {
        store.close();
        deleteTree(root);
    }

    @Property(tries = 150)
    void aStoreSaysWhatAMapWouldSay(@ForAll("histories") List<Step> history) throws IOException {
        for (int i = 0; i < history.size(); i++) {
            run(history.get(i), i);
        }
        compare();
        reopen();
        compare();
        store.compact(ProgressListener.NONE);
        compare();
        crash();
        compare();
        // Or verify might meet the next segment in the making.
        store.close();
        assertEquals(
                List.of(),
                StoreVerifier.verify(directory, ProgressListener.NONE).findings());
    }

    @Provide
    Arbitrary<List<Step>> histories() {
        Arbitrary<Kind> kinds = Arbitraries.frequency(
                Tuple.of(20, Kind.PUT),
                Tuple.of(4, Kind.PUT_IF_ABSENT),
                Tuple.of(4, Kind.REPLACE),
                Tuple.of(3, Kind.STREAM),
                Tuple.of(6, Kind.PUT_EXPIRING),
                Tuple.of(3, Kind.EXPIRE),
                Tuple.of(2, Kind.PERSIST),
                Tuple.of(5, Kind.TICK),
                Tuple.of(1, Kind.SWEEP),
                Tuple.of(6, Kind.BATCH),
                Tuple.of(10, Kind.REMOVE),
                Tuple.of(1, Kind.CLEAR),
                Tuple.of(2, Kind.SYNC),
                Tuple.of(3, Kind.COMPACT),
                Tuple.of(4, Kind.CHECKPOINT),
                Tuple.of(2, Kind.REOPEN),
                Tuple.of(2, Kind.CRASH));
        Arbitrary<Integer> lengths = Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.integers().between(0, 200)),
                Tuple.of(2, Arbitraries.integers().between(32_000, 34_000)),
                Tuple.of(3, Arbitraries.integers().between(100_000, 262_200)),
                Tuple.of(1, Arbitraries.integers().between(262_100, 1_100_000)));
        return Combinators.combine(kinds, Arbitraries.integers().between(0, KEY_COUNT - 1), lengths)
                .as(Step::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(80);
    }

    private void run(Step step, int number) throws IOException {
        byte[] key = key(step.key());
        byte[] value = StoreTest.random(step.length(), number);
        ByteBuffer modelKey = ByteBuffer.wrap(key);
        boolean present = model.containsKey(modelKey);
        switch (step.kind()) {
            case PUT -> {
                store.put(key, value);
                set(modelKey, value, Expiries.NO_EXPIRY);
            }
            case PUT_EXPIRING -> {
                long expiry = expiry(step);
                store.put(key, value, Expiries.expiring(expiry));
                set(modelKey, value, expiry);
            }
            case EXPIRE -> {
                long expiry = expiry(step);
                assertEquals(present, Expiries.expire(store, key, expiry));
                if (present) {
                    expiries.put(modelKey, expiry);
                }
            }
            case PERSIST -> assertEquals(expiries.remove(modelKey) != null, store.clearExpiry(key));
            case TICK -> now += step.key();
            case SWEEP -> store.sweepExpired();
            case BATCH -> batch(step, number);
            case PUT_IF_ABSENT -> {
                assertEquals(!present, store.putIfAbsent(key, value));
                if (!present) {
                    set(modelKey, value, Expiries.NO_EXPIRY);
                }
            }
            case REPLACE -> {
                assertEquals(
                        present, store.put(key, value, WriteOptions.defaults().ifPresent()));
                if (present) {
                    set(modelKey, value, Expiries.NO_EXPIRY);
                }
            }
            case STREAM -> {
                try (ValueWriter writer = store.putStream(key, value.length)) {
                    writer.write(ByteBuffer.wrap(value));
                    writer.commit(Expiries.expiring(expiry(step)));
                }
                set(modelKey, value, expiry(step));
            }
            case REMOVE -> {
                assertEquals(present, store.remove(key));
                unset(modelKey);
            }
            case CLEAR -> {
                store.clear();
                model.clear();
                expiries.clear();
            }
            case SYNC -> store.sync();
            case COMPACT -> store.compact(ProgressListener.NONE);
            case SLICE -> CompactionStep.slice(store.owner().compaction.compactor(), new Random(step.key()));
            case CHECKPOINT -> assertTrue(store.owner().checkpointer.write());
            case REOPEN -> reopen();
            case CRASH -> crash();
        }
        expireModel();
        assertArrayEquals(model.get(modelKey), store.getBytes(key));
        assertEquals(
                model.containsKey(modelKey) ? expiries.getOrDefault(modelKey, Expiries.NO_EXPIRY) : Expiries.ABSENT,
                Expiries.expiryOf(store, key));
    }

    /** A batch that is refused, then one of some puts and removals, some of the same key. */
    private void batch(Step step, int number) {
        WriteBatch batch = new WriteBatch();
        byte[] key = key(step.key());
        long sequence = sequence(key);
        batch.put(key, key).remove(key(step.key() / 2)).expectVersion(key, sequence + 1);
        assertFalse(store.write(batch));
        batch.clear();
        for (int i = 0; i < 5; i++) {
            byte[] changed = key((step.key() + i * i) % KEY_COUNT);
            if ((step.length() + i) % 3 == 0) {
                batch.remove(changed);
                unset(ByteBuffer.wrap(changed));
            } else {
                byte[] value = StoreTest.random(step.length() / (1 + i * i * i), number + i);
                long expiry = i == 3 ? now + 5 : Expiries.NO_EXPIRY;
                batch.put(changed, value, Expiries.expiring(expiry));
                set(ByteBuffer.wrap(changed), value, expiry);
            }
        }
        assertTrue(store.write(batch.expectVersion(key, sequence)));
    }

    private long sequence(byte[] key) {
        try (ValueView view = store.get(key)) {
            return view == null ? 0 : view.version();
        }
    }

    private long expiry(Step step) {
        return now + step.length() % MAX_EXPIRY_MILLIS;
    }

    private void set(ByteBuffer key, byte[] value, long expiryMillis) {
        model.put(key, value);
        if (expiryMillis == Expiries.NO_EXPIRY) {
            expiries.remove(key);
        } else {
            expiries.put(key, expiryMillis);
        }
    }

    private void unset(ByteBuffer key) {
        model.remove(key);
        expiries.remove(key);
    }

    private void expireModel() {
        List<ByteBuffer> expired = expiries.entrySet().stream()
                .filter(entry -> entry.getValue() <= now)
                .map(Map.Entry::getKey)
                .toList();
        expired.forEach(this::unset);
    }

    private void reopen() {
        store.close();
        store = Store.open(directory, options);
    }

    /** What a killed process leaves is what lies in its files at that moment. */
    private void crash() throws IOException {
        Path image = root.resolve("image" + generation++);
        Files.createDirectory(image);
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                try {
                    LiveFile.copy(file, image.resolve(file.getFileName()));
                } catch (NoSuchFileException removedMeanwhile) {
                    // The background thread gives files back that nothing refers to any more.
                }
            }
        }
        store.close();
        deleteTree(directory);
        directory = image;
        long fromCheckpoint = liveBytes();
        Path checkpoint = directory.resolve("CHECKPOINT");
        Path aside = root.resolve("checkpoint" + generation);
        Files.move(checkpoint, aside);
        assertEquals(liveBytes(), fromCheckpoint);
        Files.move(aside, checkpoint);
        store = Store.open(directory, options);
    }

    private long liveBytes() {
        try (Store observer = Store.open(directory, options.withReadOnly(true))) {
            return observer.liveBytes();
        }
    }

    private void compare() {
        compareEntries();
        store.sweepExpired();
        assertEquals(model.size(), store.count());
        assertEquals(
                expiries.values().stream()
                        .filter(expiry -> expiry != Expiries.NO_EXPIRY)
                        .count(),
                store.expiringCount());
        compareEntries();
    }

    private void compareEntries() {
        Map<ByteBuffer, byte[]> seen = new HashMap<>();
        store.forEach((key, value) -> seen.put(ByteBuffer.wrap(key), value.toByteArray()));
        assertEquals(model.keySet(), seen.keySet());
        for (Map.Entry<ByteBuffer, byte[]> entry : model.entrySet()) {
            assertArrayEquals(entry.getValue(), seen.get(entry.getKey()));
            assertArrayEquals(entry.getValue(), store.getBytes(entry.getKey().array()));
        }
        List<byte[]> keys =
                IntStream.range(0, KEY_COUNT + 20).mapToObj(StoreModelTest::key).toList();
        store.getAll(
                keys,
                (index, value) -> assertArrayEquals(
                        model.get(ByteBuffer.wrap(keys.get(index))), value == null ? null : value.toByteArray()));
    }

    private static byte[] key(int number) {
        return number == 0 ? new byte[0] : StoreTest.random(number == 1 ? 60_000 : number, number);
    }

    private static void deleteTree(Path tree) throws IOException {
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
