package dev.penstock.store;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.check.StoreVerifier;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A batch is there whole or not at all. */
class WriteBatchTest {

    private static final StoreOptions SMALL = StoreOptions.defaults().withSegmentSize(1 << 20);
    private static final String LOG = "0000000001.log";
    private static final int KEYS = 30;

    @TempDir(factory = MemoryBackedDirectory.class)
    Path temporary;

    /** @param clears whether the batch removes every key first, and not some of them one by one */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void ifAnythingOfABatchIsLostInAPowerCutAllOfItIs(boolean clears) throws IOException {
        Path directory = temporary.resolve("store");
        Path image = temporary.resolve("image");
        long batchStart;
        long batchEnd;
        try (Store store = Store.open(directory, SMALL)) {
            for (int i = 0; i < KEYS; i++) {
                store.put(key(i), bytes("before"));
            }
            store.sync();
            store.put(bytes("mark"), bytes("takes what the sync left to say"));
            batchStart = usedLength(directory);
            WriteBatch batch = new WriteBatch();
            for (int i = 0; i < KEYS; i++) {
                if (i % 5 != 0) {
                    batch.put(key(i), random(300, i), Expiries.expiring(i % 3 == 0 ? FAR_OFF : 0));
                } else if (!clears) {
                    batch.remove(key(i));
                }
            }
            assertTrue(clears ? store.replaceAll(batch) : store.write(batch));
            batchEnd = usedLength(directory);
            copy(directory, image);
        }
        byte[] sound = Files.readAllBytes(image.resolve(LOG));
        // Another boot: what was not forced may be lost.
        Files.writeString(image.resolve("LOCK"), "");
        int wholes = 0;
        int nones = 0;
        for (long at = batchStart; at < batchEnd; at += clears ? 200 : 40) {
            try (RandomAccessFile log = new RandomAccessFile(image.resolve(LOG).toFile(), "rw")) {
                log.write(sound);
                log.seek(at);
                log.write(new byte[(int) Math.min(16, batchEnd - at)]);
            }
            boolean changed = !java.util.Arrays.equals(sound, Files.readAllBytes(image.resolve(LOG)));
            Path opened = temporary.resolve("opened" + at);
            copy(image, opened);
            try (Store store = Store.open(opened, SMALL)) {
                boolean whole = store.getBytes(key(0)) == null;
                assertFalse(whole && changed, "zeros at " + at);
                for (int i = 0; i < KEYS; i++) {
                    byte[] after = i % 5 == 0 ? null : random(300, i);
                    assertArrayEquals(whole ? after : bytes("before"), store.getBytes(key(i)));
                }
                wholes += whole ? 1 : 0;
                nones += whole ? 0 : 1;
            }
            assertTrue(StoreVerifier.verify(opened, ProgressListener.NONE).isSound());
        }
        assertTrue(nones > (clears ? 35 : 200), nones + " times nothing, " + wholes + " times everything");
    }

    private static final long FAR_OFF = Long.MAX_VALUE;

    @Test
    void aBatchWithLargeValuesSurvivesTheDeathOfTheProcessAndLeavesNothingBehindWhenRefused() throws IOException {
        Path directory = temporary.resolve("store");
        Path image = temporary.resolve("image");
        byte[] large = random(700_000, 1);
        try (Store store = Store.open(directory, SMALL)) {
            store.put(bytes("small"), bytes("old"));
            assertFalse(store.write(new WriteBatch().put(bytes("a"), large).expectVersion(bytes("small"), 0)));
            assertEquals(0, largeFiles(directory), "of a refused batch");
            WriteBatch batch = new WriteBatch()
                    .put(bytes("a"), large)
                    .put(bytes("b"), large)
                    .put(bytes("a"), bytes("the last change holds"))
                    .remove(bytes("small"));
            assertTrue(store.write(batch));
            copy(directory, image);
        }
        try (Store store = Store.open(image, SMALL)) {
            assertArrayEquals(bytes("the last change holds"), store.getBytes(bytes("a")));
            assertArrayEquals(large, store.getBytes(bytes("b")));
            assertNull(store.getBytes(bytes("small")));
            assertEquals(2, store.count());
            assertEquals(1, largeFiles(image));
        }
    }

    @Test
    void aBatchIsForcedIfItsWriteSaysSo() {
        try (Store store = Store.open(temporary.resolve("store"), SMALL)) {
            for (boolean replaces : new boolean[] {false, true}) {
                WriteBatch batch = new WriteBatch().put(bytes("key"), bytes("value " + replaces));
                long before = forceCount(store);
                assertTrue(
                        replaces ? store.replaceAll(batch, Durability.ALWAYS) : store.write(batch, Durability.ALWAYS));
                assertTrue(forceCount(store) > before, "replaces " + replaces);
                assertArrayEquals(bytes("value " + replaces), store.getBytes(bytes("key")));
            }
        }
    }

    private static long forceCount(Store store) {
        return store.stats().forceCounts().stream().mapToLong(Long::longValue).sum();
    }

    @Test
    void clearingWithABatchKeepsTheLargeValuesOfTheBatchAndNoOthers() throws IOException {
        Path directory = temporary.resolve("store");
        Path image = temporary.resolve("image");
        byte[] large = random(700_000, 1);
        try (Store store = Store.open(directory, SMALL);
                Store follower = Store.open(directory, SMALL.withReadOnly(true))) {
            store.put(bytes("a"), random(700_000, 2));
            store.put(bytes("gone"), random(700_000, 3));
            IntStream.range(0, 2000).forEach(i -> store.put(key(i), bytes("gone")));
            WriteBatch batch = new WriteBatch().put(bytes("a"), large);
            IntStream.range(1990, 4000).forEach(i -> batch.put(key(i), bytes("new")));
            assertTrue(store.replaceAll(batch));
            copy(directory, image);
            follower.refresh();
            for (Store each : List.of(store, follower)) {
                assertArrayEquals(large, each.getBytes(bytes("a")));
                assertNull(each.getBytes(bytes("gone")));
                assertNull(each.getBytes(key(0)));
                assertArrayEquals(bytes("new"), each.getBytes(key(1990)));
                assertEquals(2011, each.count());
            }
            store.compact(ProgressListener.NONE);
            assertEquals(2011, store.count());
            assertArrayEquals(large, store.getBytes(bytes("a")));
        }
        try (Store store = Store.open(image, SMALL)) {
            assertArrayEquals(large, store.getBytes(bytes("a")));
            assertEquals(2011, store.count());
            assertEquals(1, largeFiles(image));
        }
        assertEquals(
                List.of(), StoreVerifier.verify(image, ProgressListener.NONE).findings());
    }

    @Test
    void clearingWithABatchThatFitsNoSegmentChangesNothing() {
        try (Store store = Store.open(temporary.resolve("store"), SMALL)) {
            store.put(bytes("kept"), bytes("value"));
            WriteBatch batch = new WriteBatch();
            IntStream.range(0, 6).forEach(i -> batch.put(key(i), random(200_000, i)));
            assertThrows(BatchTooLargeException.class, () -> store.replaceAll(batch));
            assertArrayEquals(bytes("value"), store.getBytes(bytes("kept")));
            assertEquals(1, store.count());
        }
    }

    @Test
    void aBatchThatFitsNoSegmentIsRefusedWithItsLengthAndTheStoreGoesOn() {
        try (Store store = Store.open(temporary.resolve("store"), SMALL)) {
            WriteBatch batch = new WriteBatch();
            IntStream.range(0, 6).forEach(i -> batch.put(key(i), random(200_000, i)));
            IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> store.write(batch));
            assertTrue(refused.getMessage().contains("1048576"), refused.getMessage());
            assertEquals(0, store.count());
            WriteBatch fitting = new WriteBatch();
            IntStream.range(0, 5).forEach(i -> fitting.put(key(i), random(200_000, i)));
            for (int round = 0; round < 3; round++) {
                assertTrue(store.write(fitting));
            }
            assertArrayEquals(random(200_000, 4), store.getBytes(key(4)));
        }
    }

    @Test
    void compactionTakesABatchApartAndKeepsWhatIsCurrent() {
        Path directory = temporary.resolve("store");
        try (Store store = Store.open(directory, SMALL)) {
            WriteBatch batch = new WriteBatch();
            for (int round = 0; round < 20; round++) {
                batch.clear();
                for (int i = 0; i < KEYS; i++) {
                    batch.put(key(i), random(1000, i + round));
                }
                store.write(batch);
            }
            store.remove(key(0));
            store.compact(ProgressListener.NONE);
        }
        try (Store store = Store.open(directory, SMALL)) {
            assertEquals(KEYS - 1, store.count());
            for (int i = 1; i < KEYS; i++) {
                assertArrayEquals(random(1000, i + 19), store.getBytes(key(i)));
            }
        }
        assertEquals(
                List.of(),
                StoreVerifier.verify(directory, ProgressListener.NONE).findings());
    }

    /** Transfers between accounts, each a batch that expects the balances it has read: the sum is always the same. */
    @Test
    @Timeout(120)
    void batchesThatExpectWhatTheyReadAreSerialisable() throws InterruptedException {
        int accounts = 5;
        int transfers = 3000;
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        try (Store store = Store.open(temporary.resolve("store"), SMALL)) {
            for (int i = 0; i < accounts; i++) {
                store.put(key(i), new byte[] {100});
            }
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                int seed = t;
                threads.add(Thread.ofPlatform()
                        .uncaughtExceptionHandler((thread, e) -> failures.add(e))
                        .start(() -> {
                            for (int i = 0; i < transfers; i++) {
                                transfer(store, (i + seed) % accounts, (i * 3 + 1 + seed) % accounts);
                            }
                        }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(List.of(), failures);
            int sum = IntStream.range(0, accounts)
                    .map(i -> store.getBytes(key(i))[0])
                    .sum();
            assertEquals(100 * accounts, sum);
        }
    }

    private static void transfer(Store store, int from, int to) {
        if (from == to) {
            return;
        }
        boolean written;
        do {
            try (ValueView source = store.get(key(from));
                    ValueView target = store.get(key(to))) {
                byte amount = (byte) (source.toByteArray()[0] > 50 ? 1 : 0);
                written = store.write(new WriteBatch()
                        .put(key(from), new byte[] {(byte) (source.toByteArray()[0] - amount)})
                        .put(key(to), new byte[] {(byte) (target.toByteArray()[0] + amount)})
                        .expectVersion(key(from), source.version())
                        .expectVersion(key(to), target.version()));
            }
        } while (!written);
    }

    private static byte[] key(int number) {
        return bytes("key" + number);
    }

    static long usedLength(Path directory) {
        return dev.penstock.store.check.StoreInspector.inspect(directory, ProgressListener.NONE)
                .segments()
                .getFirst()
                .usedBytes();
    }

    private static long largeFiles(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".value")).count();
        }
    }

    static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                try {
                    LiveFile.copy(file, to.resolve(file.getFileName()));
                } catch (NoSuchFileException deleted) {
                    // The store has deleted a value that nothing refers to any more.
                }
            }
        }
    }
}
