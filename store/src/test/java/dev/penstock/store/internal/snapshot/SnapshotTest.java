package dev.penstock.store.internal.snapshot;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.EntryWalk;
import dev.penstock.store.Expiries;
import dev.penstock.store.ManualThreads;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Snapshot;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreClosedException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueView;
import dev.penstock.store.WriteBatch;
import dev.penstock.store.internal.background.AgentThread;
import dev.penstock.store.internal.engine.OwnerEngine;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.SystemDisk;
import dev.penstock.store.internal.reclaim.ReaderLeases;
import dev.penstock.store.internal.reclaim.Reclaimer;
import dev.penstock.store.internal.recovery.StoreCreation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot is the store of one moment, whatever becomes of the store. */
@Tag("slow")
class SnapshotTest {

    private static final int KEYS = 2000;

    @TempDir
    Path directory;

    private final AtomicLong now = new AtomicLong(1000);
    private final StoreOptions options = StoreOptions.defaults()
            .withSegmentSize(1 << 20)
            .withVerifyOnRead(true)
            .withClock(() -> Instant.ofEpochMilli(now.get()));

    @Test
    void nothingThatHappensAfterwardsShowsInIt() {
        try (Store store = Store.open(directory, options)) {
            for (int i = 0; i < KEYS; i++) {
                store.put(
                        bytes("key" + i),
                        random(500, i),
                        Expiries.expiring(i % 10 == 0 ? now.get() + 5 : Expiries.NO_EXPIRY));
            }
            store.put(bytes("large"), random(400_000, 1));
            try (Snapshot snapshot = store.snapshot()) {
                now.addAndGet(10);
                for (int i = 0; i < KEYS; i += 2) {
                    store.put(bytes("key" + i), random(500, -i));
                    store.remove(bytes("key" + (i + 1)));
                }
                store.put(bytes("large"), bytes("small now"));
                store.put(bytes("new"), bytes("value"));
                StoreAccess.sweepExpired(store);
                store.compact(ProgressListener.NONE);
                store.clear();
                store.compact(ProgressListener.NONE);
                store.sync();
                assertEquals(KEYS + 1, snapshot.count());
                for (int i = 0; i < KEYS; i++) {
                    assertArrayEquals(random(500, i), snapshot.getBytes(bytes("key" + i)));
                }
                assertArrayEquals(random(400_000, 1), snapshot.getBytes(bytes("large")));
                assertNull(snapshot.get(bytes("new")));
                assertFalse(snapshot.contains(bytes("new")));
                List<String> order = new ArrayList<>();
                snapshot.forEach(
                        (key, value) -> order.add(new String(key, java.nio.charset.StandardCharsets.US_ASCII)));
                assertEquals(KEYS + 1, order.size());
                for (int i = 0; i < KEYS; i++) {
                    assertEquals("key" + i, order.get(i), "in the order of writing");
                }
            }
            assertEquals(0, store.count());
        }
    }

    @Test
    void whatItHeldIsGivenBackWhenItIsClosedAndItsViewsAre() {
        try (Store store = Store.open(directory, options)) {
            store.put(bytes("key"), random(900, 1));
            Snapshot snapshot = store.snapshot();
            ValueView view = snapshot.get(bytes("key"));
            snapshot.close();
            snapshot.close();
            store.clear();
            store.compact(ProgressListener.NONE);
            assertArrayEquals(random(900, 1), view.toByteArray(), "a view outlives its snapshot");
            view.close();
            assertThrows(StoreClosedException.class, view::length);
        }
        assertThrows(StoreClosedException.class, () -> {
            Store store = Store.open(directory, options);
            Snapshot snapshot = store.snapshot();
            store.close();
            snapshot.get(bytes("key"));
        });
    }

    @Test
    void aClosedSnapshotSaysThatItIsClosed() {
        try (Store store = Store.open(directory, options)) {
            store.put(bytes("key"), random(900, 1));
            store.put(bytes("large"), random(400_000, 1));
            Snapshot snapshot = store.snapshot();
            EntryWalk entries = snapshot.entries();
            snapshot.close();
            store.clear();
            store.compact(ProgressListener.NONE);
            List<Executable> uses = List.of(
                    () -> snapshot.get(bytes("key")),
                    () -> snapshot.getBytes(bytes("large")),
                    () -> snapshot.contains(bytes("key")),
                    snapshot::count,
                    () -> snapshot.forEach((key, value) -> {}),
                    () -> entries.iterator().next());
            for (Executable use : uses) {
                StoreClosedException closed = assertThrows(StoreClosedException.class, use);
                assertEquals("the snapshot is closed", closed.getMessage());
            }
        }
    }

    /** What each of many readers sees is a value or the end of the snapshot, whatever goes at that moment. */
    @Test
    void aSnapshotThatIsClosedUnderItsReadersShowsValuesOrSaysThatItIsClosed() throws InterruptedException {
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        try (Store store = Store.open(directory, options)) {
            for (int round = 0; round < 60; round++) {
                int seed = round;
                store.put(bytes("key"), random(900, seed));
                store.put(bytes("large"), random(300_000, seed));
                Snapshot snapshot = store.snapshot();
                store.clear();
                CountDownLatch reading = new CountDownLatch(2);
                List<Thread> readers = new ArrayList<>();
                for (int reader = 0; reader < 2; reader++) {
                    readers.add(start(failures, () -> {
                        assertThrows(StoreClosedException.class, () -> {
                            while (true) {
                                assertArrayEquals(random(900, seed), snapshot.getBytes(bytes("key")));
                                assertArrayEquals(random(300_000, seed), snapshot.getBytes(bytes("large")));
                                reading.countDown();
                            }
                        });
                    }));
                }
                store.compact(ProgressListener.NONE);
                reading.await();
                snapshot.close();
                for (Thread reader : readers) {
                    reader.join();
                }
            }
        }
        assertEquals(List.of(), failures);
    }

    /**
     * Whoever gave back what the snapshot held must have seen the view, which was opened long after that was retired.
     */
    @Test
    void aViewOfWhatWasCompactedAwayBeforeOutlivesItsSnapshot() throws Exception {
        ManualThreads threads = new ManualThreads();
        try (Store store = StoreAccess.open(new SystemDisk(), directory, options, threads)) {
            store.put(bytes("key"), random(900, 1));
            store.put(bytes("large"), random(400_000, 2));
            Snapshot snapshot = store.snapshot();
            store.clear();
            store.compact(ProgressListener.NONE);
            work(threads);
            ValueView view = snapshot.get(bytes("key"));
            ValueView large = snapshot.get(bytes("large"));
            snapshot.close();
            work(threads);
            assertArrayEquals(random(900, 1), view.toByteArray());
            assertArrayEquals(random(400_000, 2), large.toByteArray());
            view.close();
            large.close();
        }
    }

    /**
     * What a stripe's copy points into is there, also if it was begun after the first stripe and emptied before the
     * last.
     */
    @Test
    void aSegmentThatComesAndGoesWhileASnapshotIsTakenIsInIt() {
        try (Store store = StoreAccess.open(new SystemDisk(), directory, options, new ManualThreads())) {
            OwnerEngine engine = (OwnerEngine) StoreAccess.engine(store);
            byte[] moved = keyOfStripe(engine, 1);
            byte[] dead = keyOfStripe(engine, 2);
            store.put(moved, random(900, 1));
            try (Snapshot snapshot = snapshot(store, stripe -> {
                if (stripe == 0) {
                    roll(engine);
                    store.put(moved, random(900, 2));
                    fillSegment(store, dead);
                    roll(engine);
                } else if (stripe == KeyDirectory.STRIPE_COUNT - 1) {
                    store.compact(ProgressListener.NONE);
                }
            })) {
                assertArrayEquals(random(900, 2), snapshot.getBytes(moved));
            }
        }
    }

    /** A tombstone that goes with its segment before the replay of the log comes to it. */
    @Test
    void whatWasRemovedWhileASnapshotWasTakenIsNotInItThoughNothingSaysSoAnyMore() {
        try (Store store = StoreAccess.open(new SystemDisk(), directory, options, new ManualThreads())) {
            OwnerEngine engine = (OwnerEngine) StoreAccess.engine(store);
            byte[] removed = keyOfStripe(engine, 1);
            byte[] dead = keyOfStripe(engine, 2);
            store.put(removed, random(900, 1));
            fillSegment(store, dead);
            try (Snapshot snapshot = snapshot(store, stripe -> {
                if (stripe == KeyDirectory.STRIPE_COUNT / 2) {
                    roll(engine);
                    assertTrue(store.remove(removed));
                    fillSegment(store, dead);
                    roll(engine);
                    store.compact(ProgressListener.NONE);
                }
            })) {
                assertFalse(snapshot.contains(removed));
                assertEquals(0, snapshot.count());
            }
        }
    }

    /**
     * Takes a snapshot. With each stripe that is copied, under its lock, something is done, but not in a second
     * attempt.
     */
    private static Snapshot snapshot(Store store, IntConsumer meanwhile) {
        OwnerEngine engine = (OwnerEngine) StoreAccess.engine(store);
        int[] stripe = {0};
        LongSupplier reached = () -> {
            if (stripe[0] < KeyDirectory.STRIPE_COUNT) {
                meanwhile.accept(stripe[0]++);
            }
            return engine.log.publishedPosition();
        };
        ReaderLeases leases = new Reclaimer(new AgentThread("never started")).leases();
        PointInTime point = PointInTime.take(engine.directory, engine.segments, reached, leases, salt(store));
        assertEquals(KeyDirectory.STRIPE_COUNT, stripe[0]);
        return StoreAccess.snapshot(engine, point);
    }

    private static long salt(Store store) {
        try (DiskDirectory place = new SystemDisk().openDirectory(store.directory())) {
            return new StoreCreation(place).read().salt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void fillSegment(Store store, byte[] key) {
        for (int i = 0; i < 9; i++) {
            store.put(key, random(90_000, i));
        }
        assertTrue(store.remove(key));
    }

    private static void roll(OwnerEngine engine) {
        try {
            engine.log.rollNow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] keyOfStripe(OwnerEngine engine, int stripe) {
        for (int i = 0; ; i++) {
            byte[] key = bytes("key" + i);
            if (KeyDirectory.stripe(engine.directory.hash(key, 0, key.length)) == stripe) {
                return key;
            }
        }
    }

    private static void work(ManualThreads threads) throws Exception {
        for (int turn = 0; turn < 5; turn++) {
            threads.work();
        }
    }

    /** Writers keep two keys equal, each pair by a batch; every snapshot sees pairs that are. */
    @Test
    @Timeout(120)
    void aSnapshotIsOfOneMomentWhileWritersAndCompactionRun() throws InterruptedException {
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        AtomicBoolean done = new AtomicBoolean();
        int pairs = 300;
        try (Store store = Store.open(directory, options)) {
            for (int i = 0; i < pairs; i++) {
                writePair(store, i, 0);
            }
            List<Thread> threads = new ArrayList<>();
            for (int writer = 0; writer < 2; writer++) {
                int first = writer * pairs / 2;
                threads.add(start(failures, () -> {
                    for (int round = 1; !done.get(); round++) {
                        for (int i = first; i < first + pairs / 2; i++) {
                            writePair(store, i, round);
                        }
                    }
                }));
            }
            threads.add(start(failures, () -> {
                while (!done.get()) {
                    store.compact(ProgressListener.NONE);
                }
            }));
            for (int i = 0; i < 15; i++) {
                try (Snapshot snapshot = store.snapshot()) {
                    comparePairs(snapshot, pairs);
                }
            }
            done.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertEquals(List.of(), failures);
    }

    private static void writePair(Store store, int pair, int round) {
        byte[] value = ByteBuffer.allocate(200).putInt(0, round).array();
        store.write(new WriteBatch().put(bytes("left" + pair), value).put(bytes("right" + pair), value));
    }

    private static void comparePairs(Snapshot snapshot, int pairs) {
        int[] visited = new int[1];
        snapshot.forEach((key, value) -> visited[0]++);
        assertEquals(2 * pairs, visited[0]);
        for (int i = 0; i < pairs; i++) {
            byte[] left = snapshot.getBytes(bytes("left" + i));
            assertArrayEquals(left, snapshot.getBytes(bytes("right" + i)), "pair " + i);
        }
    }

    private static Thread start(List<Throwable> failures, Runnable work) {
        return Thread.ofPlatform()
                .uncaughtExceptionHandler((thread, failure) -> failures.add(failure))
                .start(work);
    }

    @Test
    void aReadOnlyStoreHasSnapshotsToo() {
        try (Store store = Store.open(directory, options)) {
            store.put(bytes("key"), bytes("value"));
        }
        try (Store store = Store.open(directory, options.withReadOnly(true));
                Snapshot snapshot = store.snapshot()) {
            assertArrayEquals(bytes("value"), snapshot.getBytes(bytes("key")));
            assertTrue(snapshot.count() == 1);
        }
    }
}
