package dev.penstock.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.store.check.StoreVerifier;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

/**
 * Any sequence of operations leaves a store that says what a map would say, through compactions, clean reopens and
 * crashes of the process at every point in between.
 */
class StoreModelTest {

    private static final StoreOptions OPTIONS =
            StoreOptions.defaults().withSegmentSize(1 << 20).withVerifyOnRead(true);

    /** What a step does. */
    enum Kind {
        PUT,
        PUT_IF_ABSENT,
        REPLACE,
        STREAM,
        REMOVE,
        CLEAR,
        SYNC,
        COMPACT,
        REOPEN,
        CRASH
    }

    /** One step; what it does not need is ignored. */
    record Step(Kind kind, int key, int length) {}

    private final Map<ByteBuffer, byte[]> model = new HashMap<>();
    private Path root;
    private Path directory;
    private Store store;
    private int generation;

    @BeforeTry
    void open() throws IOException {
        model.clear();
        root = Files.createTempDirectory("penstock-model");
        directory = root.resolve("store");
        store = Store.open(directory, OPTIONS);
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
                Tuple.of(10, Kind.REMOVE),
                Tuple.of(1, Kind.CLEAR),
                Tuple.of(2, Kind.SYNC),
                Tuple.of(3, Kind.COMPACT),
                Tuple.of(2, Kind.REOPEN),
                Tuple.of(2, Kind.CRASH));
        Arbitrary<Integer> lengths = Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.integers().between(0, 200)),
                Tuple.of(2, Arbitraries.integers().between(32_000, 34_000)),
                Tuple.of(3, Arbitraries.integers().between(100_000, 262_200)),
                Tuple.of(1, Arbitraries.integers().between(262_100, 1_100_000)));
        return Combinators.combine(kinds, Arbitraries.integers().between(0, 25), lengths)
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
                model.put(modelKey, value);
            }
            case PUT_IF_ABSENT -> {
                assertEquals(!present, store.putIfAbsent(key, value));
                model.putIfAbsent(modelKey, value);
            }
            case REPLACE -> {
                assertEquals(present, store.replace(key, value));
                model.computeIfPresent(modelKey, (same, old) -> value);
            }
            case STREAM -> {
                try (ValueWriter writer = store.putStream(key, value.length)) {
                    writer.write(ByteBuffer.wrap(value));
                    writer.commit();
                }
                model.put(modelKey, value);
            }
            case REMOVE -> assertEquals(model.remove(modelKey) != null, store.remove(key));
            case CLEAR -> {
                store.clear();
                model.clear();
            }
            case SYNC -> store.sync();
            case COMPACT -> store.compact(ProgressListener.NONE);
            case REOPEN -> reopen();
            case CRASH -> crash();
        }
        assertArrayEquals(model.get(modelKey), store.getBytes(key));
    }

    private void reopen() {
        store.close();
        store = Store.open(directory, OPTIONS);
    }

    /** What a killed process leaves is what lies in its files at that moment. */
    private void crash() throws IOException {
        Path image = root.resolve("image" + generation++);
        Files.createDirectory(image);
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                try {
                    Files.copy(file, image.resolve(file.getFileName()));
                } catch (NoSuchFileException removedMeanwhile) {
                    // The background thread gives files back that nothing refers to any more.
                }
            }
        }
        store.close();
        deleteTree(directory);
        directory = image;
        store = Store.open(directory, OPTIONS);
    }

    private void compare() {
        assertEquals(model.size(), store.count());
        Map<ByteBuffer, byte[]> seen = new HashMap<>();
        store.forEach((key, value) -> seen.put(ByteBuffer.wrap(key), value.toByteArray()));
        assertEquals(model.keySet(), seen.keySet());
        for (Map.Entry<ByteBuffer, byte[]> entry : model.entrySet()) {
            assertArrayEquals(entry.getValue(), seen.get(entry.getKey()));
            assertArrayEquals(entry.getValue(), store.getBytes(entry.getKey().array()));
        }
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
