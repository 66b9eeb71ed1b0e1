package dev.penstock.store.internal.checkpoint;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.CompactionReport;
import dev.penstock.store.LiveFile;
import dev.penstock.store.MemoryBackedDirectory;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WatchedDisk;
import dev.penstock.store.internal.io.SystemDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checkpoints that are taken while the store is at work: what a crash leaves then opens by the image to the same store,
 * to the byte, as by the whole log.
 */
@Tag("slow")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class CheckpointTest {

    private static final StoreOptions OPTIONS = StoreOptions.defaults()
            .withSegmentSize(1 << 20)
            .withVerifyOnRead(true)
            .withCompactionRate(0);
    private static final int WRITERS = 3;
    private static final int MAX_WRITES = 20_000;

    @TempDir(factory = MemoryBackedDirectory.class)
    Path temporary;

    private int images;

    @Test
    void aCheckpointTakenWhileOthersWriteIsExact() throws Exception {
        long seed = Long.getLong("penstock.seed", System.nanoTime());
        System.out.println("CheckpointTest: -Dpenstock.seed=" + seed);
        Path directory = temporary.resolve("store");
        Queue<StoreException> failures = new ConcurrentLinkedQueue<>();
        List<Map<String, byte[]>> models = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            models.add(new HashMap<>());
        }
        try (Store store = Store.open(directory, OPTIONS)) {
            for (int round = 0; round < 4; round++) {
                AtomicBoolean stop = new AtomicBoolean();
                CountDownLatch begun = new CountDownLatch(WRITERS);
                List<Thread> writers = new ArrayList<>();
                for (int i = 0; i < WRITERS; i++) {
                    Random random = new Random(seed + round * 31L + i);
                    Map<String, byte[]> model = models.get(i);
                    String prefix = "w" + i + "-";
                    writers.add(new Thread(() -> {
                        try {
                            for (int n = 0; n < 300 || !stop.get() && n < MAX_WRITES; n++) {
                                writeOne(store, prefix, random, model);
                                begun.countDown();
                            }
                        } catch (StoreException e) {
                            failures.add(e);
                            begun.countDown();
                        }
                    }));
                }
                writers.forEach(Thread::start);
                begun.await();
                assertTrue(StoreAccess.owner(store).checkpointer.write());
                if (round % 2 == 1) {
                    store.compact(ProgressListener.NONE);
                }
                stop.set(true);
                for (Thread writer : writers) {
                    writer.join();
                }
                assertEquals(List.of(), List.copyOf(failures));
                Map<String, byte[]> model = new HashMap<>();
                models.forEach(model::putAll);
                checkCrash(directory, model, true);
            }
        }
    }

    private static void writeOne(Store store, String prefix, Random random, Map<String, byte[]> model) {
        String key = prefix + random.nextInt(8_000);
        if (random.nextInt(4) == 0) {
            store.remove(bytes(key));
            model.remove(key);
        } else {
            byte[] value = random(random.nextInt(200) == 0 ? 262_144 + random.nextInt(1000) : 100, random.nextInt());
            store.put(bytes(key), value);
            model.put(key, value);
        }
    }

    @Test
    void aCrashAtAnyStepOfACheckpointOrACompactionLosesNothing() throws IOException {
        Path directory = temporary.resolve("store");
        List<Path> crashes = new ArrayList<>();
        AtomicBoolean watching = new AtomicBoolean();
        WatchedDisk disk = new WatchedDisk((call, path) -> {
            if (watching.get() && crashes.size() < 400 && call != WatchedDisk.Call.WRITE) {
                synchronized (crashes) {
                    crashes.add(copy(directory));
                }
            }
        });
        Map<String, byte[]> model = new HashMap<>();
        try (Store store = StoreAccess.open(disk, directory, OPTIONS)) {
            fill(store, model, 0, 2_600);
            assertTrue(StoreAccess.owner(store).checkpointer.write());
            fill(store, model, 1_300, 4_000);
            for (int i = 0; i < 4_000; i += 3) {
                store.remove(bytes("key" + i));
                model.remove("key" + i);
            }
            watching.set(true);
            store.compact(ProgressListener.NONE);
            assertTrue(StoreAccess.owner(store).checkpointer.write());
            watching.set(false);
        }
        assertTrue(crashes.size() > 20, "steps: " + crashes.size());
        int byImage = 0;
        for (Path crash : crashes) {
            byImage += checkOpened(crash, model) ? 1 : 0;
        }
        assertEquals(crashes.size(), byImage, "the image was of use each time");
    }

    @Test
    void aCompactionWithNoRoomForACheckpointGivesUpTheImageAndLosesNothing() throws IOException {
        Path directory = temporary.resolve("store");
        AtomicBoolean full = new AtomicBoolean();
        WatchedDisk disk = new WatchedDisk((call, path) -> {
            if (full.get() && path.getFileName().toString().equals("CHECKPOINT.tmp")) {
                throw new IOException("no space left");
            }
        });
        Map<String, byte[]> model = new HashMap<>();
        try (Store store = StoreAccess.open(disk, directory, OPTIONS)) {
            fill(store, model, 0, 2_600);
            assertTrue(StoreAccess.owner(store).checkpointer.write());
            fill(store, model, 0, 2_600);
            full.set(true);
            CompactionReport report = store.compact(ProgressListener.NONE);
            assertTrue(report.segmentsRetired() > 0);
            try (Stream<Path> files = Files.list(directory)) {
                List<String> left =
                        files.map(file -> file.getFileName().toString()).toList();
                assertFalse(left.contains("0000000001.log"), "room was made all the same: " + left);
                assertFalse(left.contains("CHECKPOINT"), left.toString());
            }
            assertFalse(checkOpened(copy(directory), model), "there is no image to open by");
            full.set(false);
        }
        assertTrue(checkOpened(directory, model), "closing wrote one");
    }

    @Test
    void aClearThatFallsIntoACheckpointIsNotUndone() throws IOException {
        for (int clearAtWrite : new int[] {1, 30, 60}) {
            Path directory = temporary.resolve("store" + clearAtWrite);
            AtomicInteger writes = new AtomicInteger(Integer.MIN_VALUE);
            AtomicBoolean clearAtForce = new AtomicBoolean();
            Store[] store = new Store[1];
            WatchedDisk disk = new WatchedDisk((call, path) -> {
                boolean ofCheckpoint = path.getFileName().toString().equals("CHECKPOINT.tmp");
                if (ofCheckpoint && call == WatchedDisk.Call.WRITE && writes.incrementAndGet() == clearAtWrite
                        || ofCheckpoint && call == WatchedDisk.Call.FORCE && clearAtForce.getAndSet(false)) {
                    store[0].clear();
                    store[0].put(bytes("after"), bytes("clear"));
                }
            });
            Map<String, byte[]> model = new HashMap<>();
            store[0] = StoreAccess.open(disk, directory, OPTIONS);
            try (Store opened = store[0]) {
                fill(opened, model, 0, 1_500);
                writes.set(0);
                assertFalse(StoreAccess.owner(opened).checkpointer.write(), "a copy of two states is thrown away");
                writes.set(Integer.MIN_VALUE);
                checkCrash(directory, Map.of("after", bytes("clear")), false);
                assertTrue(StoreAccess.owner(opened).checkpointer.write());
                checkCrash(directory, Map.of("after", bytes("clear")), true);
                // After the last stripe it comes after everything that the image says.
                fill(opened, model, 0, 1_500);
                clearAtForce.set(true);
                assertTrue(StoreAccess.owner(opened).checkpointer.write());
                checkCrash(directory, Map.of("after", bytes("clear")), true);
            }
        }
    }

    @Test
    void aLongTailIsCheckpointedInTheBackground() throws Exception {
        Path directory = temporary.resolve("store");
        CountDownLatch renamed = new CountDownLatch(2);
        WatchedDisk disk = new WatchedDisk((call, path) -> {
            if (call == WatchedDisk.Call.RENAME && path.getFileName().toString().equals("CHECKPOINT")) {
                renamed.countDown();
            }
        });
        Map<String, byte[]> model = new HashMap<>();
        StoreOptions options = StoreOptions.defaults().withSegmentSize(1 << 23).withCompactionRate(0);
        try (Store store = StoreAccess.open(disk, directory, options)) {
            byte[] value = random(50_000, 1);
            for (int i = 0; i < 1_500; i++) {
                store.put(bytes("key" + i % 700), value);
                model.put("key" + i % 700, value);
            }
            assertTrue(renamed.await(1, TimeUnit.MINUTES), "the first was made when the store was created");
            // The rename itself may still be under way: the agent holds this lock until it is done.
            StoreAccess.owner(store).checkpointer.isReleaseDue(0);
            checkCrash(directory, model, StoreAccess.owner(store).checkpointer.write());
        }
    }

    private void fill(Store store, Map<String, byte[]> model, int from, int to) {
        for (int i = from; i < to; i++) {
            byte[] value = random(i % 900 == 7 ? 300_000 : 700, i + to);
            store.put(bytes("key" + i), value);
            model.put("key" + i, value);
        }
    }

    private void checkCrash(Path directory, Map<String, byte[]> model, boolean byImage) throws IOException {
        assertEquals(byImage, checkOpened(copy(directory), model));
    }

    /** Opens a store by its checkpoint and without it; whether the checkpoint's image was of use. */
    private boolean checkOpened(Path directory, Map<String, byte[]> model) throws IOException {
        boolean byImage;
        long liveBytes;
        try (Store store = Store.open(directory, OPTIONS.withReadOnly(true))) {
            byImage = StoreAccess.engine(store).recovered.imageFrom() != 0;
            liveBytes = store.liveBytes();
            compare(store, model);
        }
        try (Store store = Store.open(directory, OPTIONS)) {
            compare(store, model);
            // What was opened by the image continues as a store.
            for (int i = 0; i < 50; i++) {
                store.put(bytes("more" + i), bytes("more"));
                store.remove(bytes("more" + i));
            }
        }
        Files.deleteIfExists(directory.resolve("CHECKPOINT"));
        try (Store store = Store.open(directory, OPTIONS.withReadOnly(true))) {
            assertEquals(store.liveBytes(), liveBytes);
            compare(store, model);
        }
        return byImage;
    }

    private static void compare(Store store, Map<String, byte[]> model) {
        assertEquals(model.size(), store.count());
        model.forEach((key, value) -> assertArrayEquals(value, store.getBytes(bytes(key)), key));
        store.forEach((key, view) ->
                assertTrue(model.containsKey(new String(key, StandardCharsets.UTF_8)), () -> "extra key"));
    }

    /** What a killed process leaves is what lies in its files at that moment. */
    private Path copy(Path directory) throws IOException {
        Path image = temporary.resolve("image" + images++);
        Files.createDirectory(image);
        for (String name : new SystemDisk().openDirectory(directory).list()) {
            try {
                LiveFile.copy(directory.resolve(name), image.resolve(name));
            } catch (NoSuchFileException removedMeanwhile) {
                // The background thread gives files back that nothing refers to any more.
            }
        }
        return image;
    }
}
