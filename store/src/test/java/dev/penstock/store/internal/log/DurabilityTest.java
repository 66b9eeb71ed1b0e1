package dev.penstock.store.internal.log;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Durability;
import dev.penstock.store.ManualThreads;
import dev.penstock.store.MemoryBackedDirectory;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreClosedException;
import dev.penstock.store.StoreException;
import dev.penstock.store.StoreFailedException;
import dev.penstock.store.StoreFullException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WatchedDisk;
import dev.penstock.store.WriteBatch;
import dev.penstock.store.WriteOptions;
import dev.penstock.store.internal.io.DiskFullException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the store forces, in what order, and what it does when a call to the system fails. */
@Tag("slow")
public class DurabilityTest {

    private static final StoreOptions SMALL = StoreOptions.defaults().withSegmentSize(1 << 20);

    @TempDir(factory = MemoryBackedDirectory.class)
    Path directory;

    private final List<String> calls = Collections.synchronizedList(new ArrayList<>());

    private WatchedDisk recording() {
        return new WatchedDisk((call, path) -> calls.add(call + " " + path.getFileName()));
    }

    @Test
    void everyWriteIsForcedBeforeItReturnsIfItIsAlwaysToBe() {
        try (Store store = StoreAccess.open(recording(), directory, SMALL.withDurability(Durability.ALWAYS))) {
            for (int i = 0; i < 20; i++) {
                calls.clear();
                store.put(bytes("key" + i), bytes("value"));
                assertTrue(calls.contains("FORCE 0000000001.log"), calls.toString());
            }
            calls.clear();
            store.remove(bytes("key3"));
            assertTrue(calls.contains("FORCE 0000000001.log"), calls.toString());
        }
    }

    @Test
    void aWriteThatIsNotToBeForcedIsNotAndASyncForcesItOnce() {
        try (Store store = StoreAccess.open(recording(), directory, SMALL)) {
            calls.clear();
            store.put(bytes("key"), bytes("value"));
            assertFalse(calls.contains("FORCE 0000000001.log"), calls.toString());
            store.sync();
            store.sync();
            assertEquals(1, Collections.frequency(calls, "FORCE 0000000001.log"), calls.toString());
            store.put(bytes("key"), bytes("value"), WriteOptions.defaults().durability(Durability.ALWAYS));
            assertEquals(2, Collections.frequency(calls, "FORCE 0000000001.log"), calls.toString());
        }
    }

    @Test
    void anIntervalForcesInTheBackground() throws InterruptedException {
        CountDownLatch forced = new CountDownLatch(1);
        AtomicBoolean written = new AtomicBoolean();
        WatchedDisk disk = new WatchedDisk((call, path) -> {
            if (written.get()
                    && call == WatchedDisk.Call.FORCE
                    && path.toString().endsWith(".log")) {
                forced.countDown();
            }
        });
        StoreOptions options = SMALL.withDurability(Durability.interval(Duration.ofMillis(5)));
        try (Store store = StoreAccess.open(disk, directory, options)) {
            written.set(true);
            store.put(bytes("key"), bytes("value"));
            assertTrue(forced.await(30, TimeUnit.SECONDS));
        }
    }

    /** The first force lasts until all have written; one more is enough for those who came too late for it. */
    @Test
    void writersThatWaitShareAForce() throws InterruptedException {
        int writers = 8;
        AtomicInteger forces = new AtomicInteger();
        CountDownLatch open = new CountDownLatch(1);
        Store[] opened = new Store[1];
        WatchedDisk disk = new WatchedDisk((call, path) -> {
            if (call == WatchedDisk.Call.FORCE && path.toString().endsWith(".log") && open.getCount() == 0) {
                boolean isFirst = forces.incrementAndGet() == 1;
                while (isFirst && opened[0].count() < writers) {
                    Thread.onSpinWait();
                }
            }
        });
        try (Store store = StoreAccess.open(disk, directory, SMALL.withDurability(Durability.ALWAYS))) {
            opened[0] = store;
            open.countDown();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < writers; i++) {
                int writer = i;
                threads.add(Thread.ofPlatform().start(() -> store.put(bytes("key" + writer), bytes("value"))));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertTrue(forces.get() <= 2, forces + " forces for " + writers + " writers");
        }
    }

    @Test
    void aLargeValueAndItsNameAreForcedBeforeTheLogThatRefersToThem() {
        try (Store store = StoreAccess.open(recording(), directory, SMALL.withDurability(Durability.ALWAYS))) {
            calls.clear();
            store.put(bytes("large"), random(500_000, 1));
            int value = calls.indexOf("FORCE 0000000001.value");
            int name = calls.indexOf("FORCE_DIRECTORY " + directory.getFileName());
            int log = calls.indexOf("FORCE 0000000001.log");
            assertTrue(0 <= value && value < name && name < log, calls.toString());
        }
    }

    @Test
    void aLargeValueIsDeletedOnlyAfterWhatReplacesItIsDurable() {
        Store store = StoreAccess.open(recording(), directory, SMALL);
        store.put(bytes("large"), random(500_000, 1));
        store.sync();
        calls.clear();
        store.put(bytes("large"), bytes("small"));
        store.close();
        int log = calls.indexOf("FORCE 0000000001.log");
        int deletion = calls.indexOf("DELETE 0000000001.value");
        assertTrue(0 <= log && log < deletion, calls.toString());
    }

    @Test
    void aLargeValueThatCannotBeDeletedIsTriedAgainAndKeepsNoOther() throws Exception {
        AtomicBoolean failing = new AtomicBoolean(true);
        WatchedDisk disk = new WatchedDisk((call, path) -> {
            if (failing.get() && call == WatchedDisk.Call.DELETE && path.endsWith("0000000001.value")) {
                throw new IOException("Input/output error");
            }
        });
        ManualThreads threads = new ManualThreads();
        try (Store store = StoreAccess.open(disk, directory, SMALL, threads)) {
            for (int i = 0; i < 3; i++) {
                store.put(bytes("large" + i), random(500_000, i));
            }
            for (int i = 0; i < 3; i++) {
                store.remove(bytes("large" + i));
            }
            assertThrows(IOException.class, threads::work);
            assertTrue(Files.exists(directory.resolve("0000000001.value")));
            assertFalse(Files.exists(directory.resolve("0000000002.value")));
            assertFalse(Files.exists(directory.resolve("0000000003.value")));
            failing.set(false);
            threads.work();
            assertFalse(Files.exists(directory.resolve("0000000001.value")));
        }
    }

    @Test
    void aNewSegmentIsDurableByNameBeforeAnythingIsInIt() {
        try (Store store = StoreAccess.open(recording(), directory, SMALL)) {
            calls.clear();
            for (int i = 0; i < 10; i++) {
                store.put(bytes("key" + i), random(200_000, i));
            }
            int created = calls.indexOf("CREATE 0000000002.log");
            assertEquals("ALLOCATE 0000000002.log", calls.get(created + 1));
            int forced = calls.indexOf("FORCE 0000000002.log");
            assertTrue(created < forced, calls.toString());
            assertTrue(
                    calls.subList(forced, calls.size()).contains("FORCE_DIRECTORY " + directory.getFileName()),
                    calls.toString());
        }
    }

    @Test
    void afterAForceFailedTheStoreTakesNoMoreWritesAndNeverSaysItIsDurable() {
        AtomicBoolean failing = new AtomicBoolean();
        WatchedDisk disk = new WatchedDisk((call, path) -> {
            if (failing.getAndSet(false) && call == WatchedDisk.Call.FORCE) {
                throw new IOException("Input/output error");
            }
        });
        try (Store store = StoreAccess.open(disk, directory, SMALL)) {
            store.put(bytes("before"), bytes("value"));
            failing.set(true);
            StoreFailedException failed = assertThrows(StoreFailedException.class, store::sync);
            assertEquals("Input/output error", failed.getCause().getMessage());
            assertThrows(StoreFailedException.class, store::sync, "a second force proves nothing");
            assertThrows(StoreFailedException.class, () -> store.put(bytes("after"), bytes("value")));
            assertThrows(StoreFailedException.class, () -> store.remove(bytes("before")));
            assertArrayEquals(bytes("value"), store.getBytes(bytes("before")), "reads go on");
        }
        try (Store store = Store.open(directory)) {
            assertFalse(store.contains(bytes("after")));
        }
    }

    @Test
    void aFullDiskRefusesTheWriteAndTakesTheNextWhenThereIsRoomAgain() {
        AtomicBoolean full = new AtomicBoolean();
        WatchedDisk disk = new WatchedDisk((call, path) -> {
            if (full.get() && call == WatchedDisk.Call.ALLOCATE) {
                throw new DiskFullException(path + " needs more");
            }
        });
        try (Store store = StoreAccess.open(disk, directory, SMALL)) {
            full.set(true);
            int stored = 0;
            try {
                for (; stored < 100; stored++) {
                    store.put(bytes("key" + stored), random(200_000, stored));
                }
            } catch (StoreFullException expected) {
                assertTrue(expected.getMessage().contains(".log"), expected.getMessage());
            }
            assertTrue(stored > 0 && stored < 100, stored + " stored");
            assertThrows(StoreFullException.class, () -> store.put(bytes("large"), random(600_000, 1)));
            assertEquals(stored, store.count());
            full.set(false);
            store.put(bytes("again"), random(200_000, 7));
            assertArrayEquals(random(200_000, 7), store.getBytes(bytes("again")));
        }
        try (Store store = Store.open(directory)) {
            assertTrue(store.contains(bytes("again")));
        }
    }

    @Test
    void aFullDiskCanBeCompacted() {
        AtomicBoolean full = new AtomicBoolean();
        WatchedDisk disk = new WatchedDisk((call, path) -> {
            if (full.get() && call == WatchedDisk.Call.ALLOCATE) {
                throw new DiskFullException(path + " needs more");
            }
        });
        try (Store store = StoreAccess.open(disk, directory, SMALL)) {
            for (int i = 0; i < 20; i++) {
                store.put(bytes("key" + i), random(200_000, i));
            }
            full.set(true);
            for (int i = 0; i < 19; i++) {
                store.remove(bytes("key" + i));
            }
            long before = store.fileBytes();
            assertTrue(store.compact(ProgressListener.NONE).segmentsRetired() > 0);
            assertTrue(store.fileBytes() < before / 2, store.fileBytes() + " of " + before);
            assertArrayEquals(random(200_000, 19), store.getBytes(bytes("key19")));
        }
    }

    /** Every call that can fail fails once, at open, in use and at close; what was acknowledged is there afterwards. */
    @Test
    void anErrorInAnyCallLosesNothingThatWasAcknowledged() throws IOException {
        int sites = 0;
        for (int failingCall = 1; ; failingCall++) {
            Path place = directory.resolve("site" + failingCall);
            AtomicInteger countdown = new AtomicInteger(failingCall);
            WatchedDisk disk = new WatchedDisk((call, path) -> {
                if (countdown.decrementAndGet() == 0) {
                    throw new IOException("planted at " + call + " of " + path.getFileName());
                }
            });
            List<Integer> acknowledged = new ArrayList<>();
            try (Store store = StoreAccess.open(disk, place, SMALL)) {
                for (int i = 0; i < 12; i++) {
                    store.put(bytes("key" + i), random(i % 4 == 3 ? 300_000 : 150_000, i));
                    acknowledged.add(i);
                }
                store.sync();
                store.compact(ProgressListener.NONE);
            } catch (StoreException planted) {
                assertTrue(planted.getCause() != null || planted instanceof StoreClosedException, planted.toString());
            }
            if (countdown.get() > 0) {
                break;
            }
            sites++;
            try (Store store = Store.open(place, SMALL)) {
                for (int i : acknowledged) {
                    assertArrayEquals(
                            random(i % 4 == 3 ? 300_000 : 150_000, i),
                            store.getBytes(bytes("key" + i)),
                            "key" + i + " after failing call " + failingCall);
                }
            }
        }
        assertTrue(sites > 30, sites + " calls were failed");
    }

    /**
     * The same while four threads write side by side: values of both kinds, batches with large values in them, new
     * expiries. Where a write was refused, it is there as a whole or not at all.
     */
    @Test
    void anErrorInAnyCallLosesNothingOfWritersSideBySide() throws Exception {
        int sites = 0;
        for (int failingCall = 20; ; failingCall += 3) {
            Path place = directory.resolve("site" + failingCall);
            AtomicInteger countdown = new AtomicInteger(failingCall);
            WatchedDisk disk = new WatchedDisk((call, path) -> {
                if (countdown.decrementAndGet() == 0) {
                    throw new IOException("planted at " + call + " of " + path.getFileName());
                }
            });
            Set<String> acknowledged = ConcurrentHashMap.newKeySet();
            try (Store store = StoreAccess.open(disk, place, SMALL.withCompactionRate(0))) {
                List<Thread> writers = new ArrayList<>();
                for (int writer = 0; writer < 4; writer++) {
                    String name = "writer" + writer;
                    writers.add(Thread.ofPlatform().start(() -> writeSomeOfEach(store, name, acknowledged)));
                }
                for (Thread writer : writers) {
                    writer.join();
                }
            } catch (StoreException planted) {
                // At open or at close.
            }
            if (countdown.get() > 0) {
                break;
            }
            sites++;
            try (Store store = Store.open(place, SMALL)) {
                for (int writer = 0; writer < 4; writer++) {
                    checkEachAfter(failingCall, store, "writer" + writer, acknowledged);
                }
            }
        }
        assertTrue(sites > 10, sites + " calls were failed");
    }

    private static void writeSomeOfEach(Store store, String writer, Set<String> acknowledged) {
        for (int i = 0; i < 3; i++) {
            String name = writer + "-" + i;
            acknowledge(acknowledged, name + "-small", () -> store.put(bytes(name + "-small"), bytes("value")));
            acknowledge(acknowledged, name + "-large", () -> store.put(bytes(name + "-large"), random(300_000, 1)));
            acknowledge(
                    acknowledged,
                    name + "-batch",
                    () -> store.write(new WriteBatch()
                            .put(bytes(name + "-batch"), random(300_000, 2))
                            .put(bytes(name + "-beside"), random(10_000, 3))
                            .remove(bytes(name + "-small"))));
            acknowledge(acknowledged, name + "-sync", store::sync);
        }
    }

    private static void acknowledge(Set<String> acknowledged, String name, Runnable write) {
        try {
            write.run();
            acknowledged.add(name);
        } catch (StoreException planted) {
            // As it should be.
        }
    }

    private static void checkEachAfter(int call, Store store, String writer, Set<String> acknowledged) {
        for (int i = 0; i < 3; i++) {
            String name = writer + "-" + i;
            String when = name + " after failing call " + call;
            byte[] large = store.getBytes(bytes(name + "-large"));
            if (acknowledged.contains(name + "-large") || large != null) {
                assertArrayEquals(random(300_000, 1), large, when);
            }
            byte[] ofBatch = store.getBytes(bytes(name + "-batch"));
            if (acknowledged.contains(name + "-batch") || ofBatch != null) {
                assertArrayEquals(random(300_000, 2), ofBatch, when);
                assertArrayEquals(random(10_000, 3), store.getBytes(bytes(name + "-beside")), when);
                assertFalse(store.contains(bytes(name + "-small")), when);
            } else {
                assertFalse(store.contains(bytes(name + "-beside")), when);
                assertTrue(store.contains(bytes(name + "-small")) || !acknowledged.contains(name + "-small"), when);
            }
        }
    }
}
