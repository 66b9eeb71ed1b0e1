package dev.penstock.store;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.penstock.store.internal.io.SystemDisk;
import dev.penstock.store.transfer.StoreTransfer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What has expired is absent to everyone, for good, and its room comes back. */
public class ExpiryTest {

    @TempDir
    Path directory;

    private final AtomicLong now = new AtomicLong(1_000_000);
    private final StoreOptions options =
            StoreOptions.defaults().withSegmentSize(1 << 20).withClock(() -> Instant.ofEpochMilli(now.get()));

    @Test
    void aKeyThatHasExpiredIsAbsentToEveryMethod() {
        try (Store store = Store.open(directory, options)) {
            byte[] key = bytes("key");
            store.put(key, bytes("value"), Expiries.expiring(now.get() + 10));
            store.put(bytes("other"), bytes("value"));
            now.addAndGet(9);
            assertArrayEquals(bytes("value"), store.getBytes(key));
            assertEquals(now.get() + 1, Expiries.expiryOf(store, key));
            now.addAndGet(1);
            assertNull(store.get(key));
            assertFalse(store.get(key, new ValueView()));
            assertEquals(-1, StoreTransfer.of(store).copyFrame(Key.of(key), ByteBuffer.allocate(100), 100));
            assertFalse(store.contains(key));
            assertEquals(-1, Expiries.expiryOf(store, key));
            assertFalse(Expiries.expire(store, key, now.get() + 100), "gone is gone");
            assertFalse(store.clearExpiry(key));
            assertFalse(store.put(key, bytes("new"), WriteOptions.defaults().ifPresent()));
            assertFalse(store.remove(key));
            List<String> seen = new ArrayList<>();
            store.forEach((found, value) -> seen.add(new String(found, java.nio.charset.StandardCharsets.US_ASCII)));
            assertEquals(List.of("other"), seen);
            assertTrue(store.write(new WriteBatch().expectVersion(key, 0)));
            assertTrue(store.putIfAbsent(key, bytes("new")));
            assertArrayEquals(bytes("new"), store.getBytes(key));
            assertEquals(Expiries.NO_EXPIRY, Expiries.expiryOf(store, key), "a new value does not inherit it");
        }
    }

    @Test
    void anExpirySurvivesEveryWayOfOpening() throws IOException {
        byte[] large = random(300_000, 1);
        try (Store store = Store.open(directory, options)) {
            for (int i = 0; i < 8000; i++) {
                store.put(
                        bytes("key" + i),
                        random(100, i),
                        Expiries.expiring(i % 2 == 0 ? now.get() + 1000 : Expiries.NO_EXPIRY));
            }
            store.put(bytes("large"), large, Expiries.expiring(now.get() + 1000));
        }
        now.addAndGet(999);
        for (boolean checkpoint : new boolean[] {true, false}) {
            if (!checkpoint) {
                Files.delete(directory.resolve("CHECKPOINT"));
            }
            try (Store store = Store.open(directory, options)) {
                assertEquals(now.get() + 1, Expiries.expiryOf(store, bytes("key2")), "checkpoint: " + checkpoint);
                assertEquals(Expiries.NO_EXPIRY, Expiries.expiryOf(store, bytes("key3")));
                assertArrayEquals(large, store.getBytes(bytes("large")));
                store.compact(ProgressListener.NONE);
                assertEquals(now.get() + 1, Expiries.expiryOf(store, bytes("key4")));
            }
        }
        now.addAndGet(1);
        try (Store store = Store.open(directory, options)) {
            store.sweepExpired();
            assertEquals(4000, store.count());
            assertNull(store.get(bytes("large")));
        }
    }

    @Test
    void keysThatExpireAreCountedWhateverIsDoneToThem() throws IOException {
        byte[] large = random(300_000, 1);
        try (Store store = Store.open(directory, options)) {
            for (int i = 0; i < 8000; i++) {
                store.put(bytes("key" + i), random(100, i), Expiries.expiring(now.get() + 1000));
                store.put(bytes("lasting" + i), random(100, i));
            }
            store.put(bytes("large"), large, Expiries.expiring(now.get() + 1000));
            assertEquals(8001, store.expiringCount());
            for (int i = 0; i < 1000; i++) {
                store.put(bytes("key" + i), random(10, i)); // 7001
                store.put(bytes("key" + (1000 + i)), random(10, i), Expiries.expiring(now.get() + 2000));
                store.clearExpiry(bytes("key" + (2000 + i))); // 6001
                Expiries.expire(store, bytes("lasting" + i), now.get() + 1000); // 7001
                store.remove(bytes("key" + (3000 + i))); // 6001
            }
            store.write(new WriteBatch()
                    .put(bytes("key4000"), large)
                    .put(bytes("lasting1000"), bytes("value"), Expiries.expiring(now.get() + 1000))
                    .remove(bytes("key4001"))); // 6000
            Expiries.expire(store, bytes("large"), now.get() + 3000);
            assertEquals(6000, store.expiringCount());
            assertEquals(6000, store.stats().expiringCount());
        }
        for (boolean checkpoint : new boolean[] {true, false}) {
            if (!checkpoint) {
                Files.delete(directory.resolve("CHECKPOINT"));
            }
            try (Store store = Store.open(directory, options)) {
                assertEquals(6000, store.expiringCount(), "checkpoint: " + checkpoint);
                store.compact(ProgressListener.NONE);
                assertEquals(6000, store.expiringCount(), "compacted");
            }
        }
        now.addAndGet(1000);
        try (Store store = Store.open(directory, options)) {
            store.sweepExpired();
            assertEquals(1001, store.expiringCount());
            store.clear();
            assertEquals(0, store.expiringCount());
        }
    }

    @Test
    void theRoomOfWhatHasExpiredComesBackAndNothingOlderComesUpAgain() throws IOException {
        try (Store store = Store.open(directory, options)) {
            for (int i = 0; i < 20_000; i++) {
                store.put(bytes("key" + i), bytes("older, without an expiry"));
            }
            for (int i = 0; i < 20_000; i++) {
                store.put(bytes("key" + i), random(200, i), Expiries.expiring(now.get() + 50 + i % 50));
            }
            store.put(bytes("large"), random(500_000, 1), Expiries.expiring(now.get() + 50));
            now.addAndGet(100);
            store.sweepExpired();
            assertEquals(0, store.count());
            assertEquals(0, store.liveBytes());
            store.compact(ProgressListener.NONE);
            store.sync();
            assertTrue(store.fileBytes() < 4 << 20, store.fileBytes() + " bytes are left");
        }
        assertEquals(0, largeFiles());
        // By a clock that was set back, what was buried stays buried.
        now.set(0);
        Files.delete(directory.resolve("CHECKPOINT"));
        try (Store store = Store.open(directory, options)) {
            assertEquals(0, store.count());
        }
    }

    private Store openWithoutSweep() {
        return Store.open(new SystemDisk(), directory, options, new ManualThreads());
    }

    /** One that expires at the time given, small and large, and one that continues. */
    private static void putExpiring(Store store, long millis) {
        store.put(bytes("key"), bytes("value"), Expiries.expiring(millis));
        store.put(bytes("large"), random(300_000, 1), Expiries.expiring(millis));
        store.put(bytes("other"), bytes("value"), Expiries.expiring(millis + 10_000));
    }

    private static void assertExpired(Store store) {
        assertFalse(store.contains(bytes("key")));
        assertNull(store.getBytes(bytes("large")));
        assertEquals(-1, Expiries.expiryOf(store, bytes("key")));
        assertEquals(-1, StoreTransfer.of(store).copyFrame(Key.of(bytes("key")), ByteBuffer.allocate(100), 100));
        assertTrue(store.contains(bytes("other")));
        List<String> seen = new ArrayList<>();
        store.forEach((found, value) -> seen.add(new String(found, java.nio.charset.StandardCharsets.US_ASCII)));
        assertEquals(List.of("other"), seen);
    }

    @Test
    void whatHadExpiredStaysGoneOverACloseWhenTheClockIsSetBack() {
        try (Store store = openWithoutSweep()) {
            putExpiring(store, now.get() + 10);
        }
        now.addAndGet(10);
        // Nothing is written while the store is open.
        openWithoutSweep().close();
        now.addAndGet(-1_000);
        for (int round = 0; round < 2; round++) {
            try (Store store = openWithoutSweep();
                    Store reader = Store.open(directory, options.withReadOnly(true))) {
                assertExpired(store);
                assertExpired(reader);
                store.put(bytes("another"), bytes("value"), Expiries.expiring(now.get() + 10));
                assertTrue(store.contains(bytes("another")));
                assertTrue(store.remove(bytes("another")));
            }
            now.addAndGet(-1_000);
        }
    }

    @Test
    void whatHadExpiredAtACheckpointStaysGoneOverAKill() throws IOException {
        Path image = Files.createDirectory(directory.resolve("image"));
        directory = Files.createDirectory(directory.resolve("store"));
        try (Store store = openWithoutSweep()) {
            putExpiring(store, now.get() + 10);
            now.addAndGet(10);
            assertTrue(store.owner().checkpointer.write());
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    LiveFile.copy(file, image.resolve(file.getFileName()));
                }
            }
        }
        now.addAndGet(-1_000);
        directory = image;
        try (Store store = openWithoutSweep()) {
            assertExpired(store);
        }
    }

    @Test
    void aBackupKeepsWhatHadExpired() throws IOException {
        Path backup = Files.createDirectory(directory.resolve("backup"));
        directory = Files.createDirectory(directory.resolve("store"));
        try (Store store = openWithoutSweep()) {
            putExpiring(store, now.get() + 10);
            now.addAndGet(10);
            store.backup(backup, ProgressListener.NONE);
        }
        now.addAndGet(-1_000);
        directory = backup;
        try (Store store = openWithoutSweep()) {
            assertExpired(store);
        }
    }

    @Test
    void aClockThatWasFarAheadOnceDoesNotKeepLaterKeysFromExpiring() {
        long right = now.get();
        try (Store store = openWithoutSweep()) {
            putExpiring(store, right + 10);
            now.addAndGet(1L << 40);
            assertFalse(store.contains(bytes("other")));
        }
        now.set(right);
        try (Store store = openWithoutSweep()) {
            assertFalse(store.contains(bytes("other")));
            assertEquals(right, store.clock().millis());
            store.put(bytes("session"), bytes("value"), WriteOptions.defaults().expiresIn(Duration.ofMillis(100)));
            assertTrue(store.contains(bytes("session")));
            now.addAndGet(100);
            assertFalse(store.contains(bytes("session")));
        }
    }

    @Test
    void whatWasFoundToHaveExpiredStaysGoneWhenTheClockIsSetBack() throws Exception {
        byte[] key = bytes("key");
        byte[] large = bytes("large");
        // Without a thread that sweeps.
        try (Store store = Store.open(new SystemDisk(), directory, options, new ManualThreads())) {
            store.put(key, bytes("value"), Expiries.expiring(now.get() + 10));
            store.put(large, random(300_000, 1), Expiries.expiring(now.get() + 10));
            now.addAndGet(10);
            assertFalse(store.contains(key));
            now.addAndGet(-1_000);
            assertFalse(store.contains(key));
            assertNull(store.getBytes(large));
            assertEquals(-1, Expiries.expiryOf(store, key));
            assertEquals(-1, StoreTransfer.of(store).copyFrame(Key.of(key), ByteBuffer.allocate(100), 100));
            assertFalse(store.put(key, bytes("new"), WriteOptions.defaults().ifPresent()));
            assertFalse(store.clearExpiry(key));
            try (Snapshot snapshot = store.snapshot()) {
                assertFalse(snapshot.contains(key));
            }
            store.forEach((found, value) -> fail("it is visited"));
            assertEquals(store.clock().millis(), store.clock().instant().toEpochMilli());
            store.put(key, bytes("new"), Expiries.expiring(store.clock().millis() + 1));
            assertArrayEquals(bytes("new"), store.getBytes(key));
        }
    }

    /** Forwards and backwards: at every moment the two agree, and nothing comes back. */
    @Test
    void aFollowerAgreesWithItsOwnerWhereverTheClockJumps() {
        long begin = now.get();
        StoreOptions quiet = options.withSegmentSize(1 << 20);
        try (Store owner = Store.open(new SystemDisk(), directory, quiet, new ManualThreads());
                Store follower = Store.open(directory, quiet.withReadOnly(true))) {
            for (int i = 0; i < 10; i++) {
                owner.put(
                        bytes("key" + i), random(i == 9 ? 300_000 : 10, i), Expiries.expiring(begin + 100L * (i + 1)));
            }
            owner.put(bytes("never"), bytes("value"));
            follower.refresh();
            int present = 10;
            for (long jump : new long[] {0, 350, -500, 350, 500, -100, 750, 0, 2_000, -900}) {
                now.set(begin + jump);
                int seen = 0;
                for (int i = 0; i < 10; i++) {
                    assertEquals(owner.contains(bytes("key" + i)), follower.contains(bytes("key" + i)), "key" + i);
                    seen += follower.contains(bytes("key" + i)) ? 1 : 0;
                }
                assertTrue(seen <= present, "something came back at " + jump);
                present = seen;
                assertTrue(follower.contains(bytes("never")));
                try (Snapshot snapshot = follower.snapshot()) {
                    assertEquals(seen > 0, snapshot.contains(bytes("key9")));
                }
            }
            assertEquals(0, present);
            owner.sweepExpired();
            // The clock of both stands still until the system's has caught up.
            owner.put(
                    bytes("later"),
                    bytes("value"),
                    Expiries.expiring(owner.clock().millis() + 10));
            follower.refresh();
            assertTrue(follower.contains(bytes("later")));
            assertEquals(owner.count(), follower.count());
        }
    }

    @Test
    @Timeout(60)
    void theSweepWorksByItselfInTheBackground() throws InterruptedException {
        try (Store store = Store.open(directory, options)) {
            for (int i = 0; i < 10_000; i++) {
                store.put(bytes("key" + i), random(50, i), Expiries.expiring(now.get() + 1 + i % 100));
            }
            now.addAndGet(100);
            while (store.count() > 0) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void aLargeValueGetsAnotherExpiryWithoutBeingWrittenAgain() throws IOException {
        byte[] large = random(900_000, 1);
        try (Store store = Store.open(directory, options)) {
            store.put(bytes("large"), large);
            long before = store.fileBytes();
            for (int i = 1; i <= 10; i++) {
                assertTrue(Expiries.expire(store, bytes("large"), now.get() + 1000L * i));
            }
            assertEquals(before, store.fileBytes());
            assertEquals(1, largeFiles());
            try (ValueView view = store.get(bytes("large"))) {
                assertEquals(now.get() + 10_000, view.expiry().toEpochMilli());
                store.sync();
                assertArrayEquals(large, view.toByteArray());
            }
        }
        Files.delete(directory.resolve("CHECKPOINT"));
        try (Store store = Store.open(directory, options)) {
            assertArrayEquals(large, store.getBytes(bytes("large")));
            assertTrue(store.clearExpiry(bytes("large")));
            assertFalse(store.clearExpiry(bytes("large")), "has none any more");
            now.addAndGet(100_000);
            assertArrayEquals(large, store.getBytes(bytes("large")));
        }
    }

    @Test
    void whatIsComputedKeepsItsExpiryAndAVersionGuardsIt() {
        try (Store store = Store.open(directory, options)) {
            byte[] key = bytes("count");
            store.put(key, bytes("1"), Expiries.expiring(now.get() + 10));
            store.merge(key, bytes("1"), (a, b) -> bytes("2"));
            assertEquals(now.get() + 10, Expiries.expiryOf(store, key));
            long sequence;
            try (ValueView view = store.get(key)) {
                sequence = view.version();
            }
            Instant later = Instant.ofEpochMilli(now.get() + 99);
            assertFalse(store.setExpiry(key, later, WriteOptions.defaults().ifVersion(sequence - 1)));
            assertTrue(store.setExpiry(key, later, WriteOptions.defaults().ifVersion(sequence)));
            assertFalse(
                    store.put(key, bytes("3"), Expiries.expiring(now.get() + 5).ifVersion(sequence)),
                    "an expiry makes a version");
        }
    }

    private long largeFiles() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".value")).count();
        }
    }
}
