package dev.penstock.store.threat.fulldisk;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Expiries;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreFullException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.TestJvm;
import dev.penstock.store.ValueWriter;
import dev.penstock.store.WatchedDisk;
import dev.penstock.store.WriteBatch;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.internal.background.AgentThread;
import dev.penstock.store.threat.fulldisk.SmallFileSystem.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A store on a file system that is really full, a tmpfs and an ext4 of 32 MiB: it refuses what adds to it, and
 * continues with everything else; with room again it takes all.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("slow")
class FullDiskTest {

    private static final StoreOptions OPTIONS = StoreOptions.defaults().withSegmentSize(2 << 20);
    private static final int VALUE_LENGTH = 10_000;

    @TempDir
    Path temporary;

    private SmallFileSystem fileSystem;
    private Path directory;

    private void mount(Kind kind) throws IOException {
        fileSystem = SmallFileSystem.mount(kind, temporary);
        directory = fileSystem.root.resolve("store");
    }

    @AfterEach
    void unmount() throws IOException {
        if (fileSystem != null) {
            fileSystem.close();
        }
    }

    private Store open() {
        return Store.open(directory, OPTIONS);
    }

    private static byte[] key(int number) {
        return bytes("key" + number);
    }

    /** Stores values until one is refused; how many there are. */
    private static int fill(Store store, int valueLength) {
        for (int number = 0; ; number++) {
            try {
                store.put(key(number), random(valueLength, number));
            } catch (StoreFullException full) {
                assertThrows(StoreFullException.class, () -> store.put(bytes("more"), random(valueLength, 1)));
                return number;
            }
        }
    }

    private static void assertAllThere(Store store, int count) {
        for (int number = 0; number < count; number++) {
            assertArrayEquals(random(VALUE_LENGTH, number), store.getBytes(key(number)), "key" + number);
        }
    }

    @ParameterizedTest
    @EnumSource
    void allCanBeReadAndRemovedAndThenThereIsRoomAgain(Kind kind) throws IOException {
        mount(kind);
        try (Store store = open()) {
            int count = fill(store, VALUE_LENGTH);
            assertTrue((long) count * VALUE_LENGTH > SmallFileSystem.SIZE / 2, count + " stored");
            assertAllThere(store, count);
            for (int number = 0; number < count; number++) {
                assertTrue(store.remove(key(number)));
            }
            assertEquals(0, store.count());
            store.compact(ProgressListener.NONE);
            assertTrue(store.fileBytes() < SmallFileSystem.SIZE / 4, store.fileBytes() + " bytes are left");
            assertTrue(fill(store, VALUE_LENGTH) > count / 2);
        }
        assertTrue(StoreVerifier.verify(directory, ProgressListener.NONE).isSound());
    }

    /** The image of the key directory takes megabytes; others take them while it is written. */
    @ParameterizedTest
    @EnumSource
    void aDiskThatBecomesFullInTheMiddleOfACheckpointCostsTheCheckpointAlone(Kind kind) throws IOException {
        mount(kind);
        int keys = 150_000;
        AtomicInteger writes = new AtomicInteger(Integer.MIN_VALUE);
        WatchedDisk disk = new WatchedDisk((call, path) -> {
            if (call == WatchedDisk.Call.WRITE
                    && path.getFileName().toString().startsWith("CHECKPOINT")
                    && writes.incrementAndGet() == 20) {
                fileSystem.fillUpTo(0);
            }
        });
        try (Store store = StoreAccess.open(disk, directory, OPTIONS.withCompactionRate(0), AgentThread::new)) {
            for (int number = 0; number < keys; number++) {
                store.put(key(number), new byte[8]);
            }
            assertTrue(StoreAccess.owner(store).checkpointer.write());
            store.put(key(keys), new byte[8]);
            writes.set(0);
            assertFalse(StoreAccess.owner(store).checkpointer.write());
            assertTrue(writes.get() >= 20, writes.get() + " writes");
            assertTrue(store.remove(key(0)));
            store.sync();
            assertEquals(keys, store.count());
            assertFalse(Files.exists(directory.resolve("CHECKPOINT.tmp")), "it takes room");
        }
        try (Store store = open()) {
            assertTrue(StoreAccess.engine(store).recovered.imageFrom() > 0, "the older checkpoint is of use");
            assertEquals(keys, store.count());
            assertFalse(store.contains(key(0)));
            assertTrue(store.contains(key(keys)));
        }
        assertTrue(StoreVerifier.verify(directory, ProgressListener.NONE).isSound());
    }

    /** Nothing is all dead: compaction has to copy before it can give anything back. */
    @ParameterizedTest
    @EnumSource
    void whatIsHalfDeadCanBeCompacted(Kind kind) throws IOException {
        mount(kind);
        int count;
        try (Store store = open()) {
            count = fill(store, VALUE_LENGTH);
            fileSystem.fillUpTo(0);
            for (int number = 0; number < count; number += 2) {
                store.remove(key(number));
            }
            long before = store.fileBytes();
            store.compact(ProgressListener.NONE);
            assertTrue(store.fileBytes() < before / 3 * 2, store.fileBytes() + " of " + before);
            for (int number = 0; number < count / 4; number++) {
                putWhenThereIsRoom(store, bytes("new" + number), random(VALUE_LENGTH, number));
            }
            assertHalfThere(store, count);
        }
        assertTrue(StoreVerifier.verify(directory, ProgressListener.NONE).isSound());
        try (Store store = open()) {
            assertHalfThere(store, count);
        }
    }

    private static void assertHalfThere(Store store, int count) {
        for (int number = 0; number < count; number++) {
            assertArrayEquals(
                    number % 2 == 0 ? null : random(VALUE_LENGTH, number), store.getBytes(key(number)), "key" + number);
        }
    }

    private static void compactAndPutAgain(Store store) {
        store.compact(ProgressListener.NONE);
        putWhenThereIsRoom(store, bytes("again"), random(VALUE_LENGTH, 7));
    }

    /** The room of a file comes back when its last reader has gone, a moment after it was deleted. */
    private static void putWhenThereIsRoom(Store store, byte[] key, byte[] value) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        for (; ; ) {
            try {
                store.put(key, value);
                return;
            } catch (StoreFullException full) {
                if (System.nanoTime() > deadline) {
                    throw full;
                }
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFullStoreCanBeClosedAndOpenedAndRemovedFrom(Kind kind) throws IOException {
        mount(kind);
        int count;
        try (Store store = open()) {
            count = fill(store, VALUE_LENGTH);
        }
        fileSystem.fillUpTo(0);
        for (int round = 0; round < 3; round++) {
            try (Store store = open()) {
                assertAllThere(store, count);
                assertThrows(StoreFullException.class, () -> {
                    for (int number = 0; number < 1000; number++) {
                        store.put(bytes("more" + number), random(VALUE_LENGTH, number));
                    }
                });
                store.remove(bytes("more0"));
            }
        }
        try (Store store = open()) {
            for (int number = 0; number < count; number++) {
                assertTrue(store.remove(key(number)));
            }
            compactAndPutAgain(store);
        }
    }

    /** Others took what the store gave back when it was closed: it opens all the same, and to be read. */
    @ParameterizedTest
    @EnumSource
    void aStoreOpensOnADiskWithoutABlockLeftAndWritesWhenOthersMadeRoom(Kind kind) throws IOException {
        mount(kind);
        try (Store store = open()) {
            for (int number = 0; number < 1000; number++) {
                store.put(key(number), random(VALUE_LENGTH, number));
            }
        }
        Path other = fileSystem.fillUpTo(0);
        try (Store store = open()) {
            assertAllThere(store, 1000);
            assertThrows(StoreFullException.class, () -> store.put(bytes("more"), random(VALUE_LENGTH, 1)));
            assertThrows(StoreFullException.class, () -> store.put(bytes("large"), random(2 << 20, 1)));
            assertAllThere(store, 1000);
            Files.delete(other);
            store.put(bytes("more"), random(VALUE_LENGTH, 1));
            store.put(bytes("large"), random(2 << 20, 1));
            assertTrue(fill(store, VALUE_LENGTH) > 500);
        }
    }

    @ParameterizedTest
    @EnumSource
    void roomThatOthersMakeIsTakenWithoutARestart(Kind kind) throws IOException {
        mount(kind);
        Path other = fileSystem.fillUpTo(10 << 20);
        try (Store store = open()) {
            int count = fill(store, VALUE_LENGTH);
            Files.delete(other);
            store.put(bytes("more"), random(VALUE_LENGTH, 1));
            assertTrue(fill(store, VALUE_LENGTH) > count, "there was more room than before");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aProcessKilledOnAFullDiskLeavesAStoreThatOpensThere(Kind kind) throws Exception {
        mount(kind);
        Process child = new ProcessBuilder(TestJvm.command(
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FillingWriter.class.getName(),
                        directory.toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int stored = 0;
        int removed = 0;
        int refused = 0;
        try (InputStream output = child.getInputStream()) {
            for (int event = output.read(); event >= 0; event = output.read()) {
                switch (event) {
                    case FillingWriter.STORED -> stored++;
                    case FillingWriter.REFUSED -> refused++;
                    case FillingWriter.REMOVED -> {
                        if (++removed == 100) {
                            // Not through the Process, which would close its end of the pipe with events in it.
                            child.toHandle().destroyForcibly();
                        }
                    }
                    default -> throw new AssertionError(event);
                }
            }
        } finally {
            child.destroyForcibly().waitFor();
        }
        assertTrue(refused >= 100 && removed >= 100, refused + " refused, " + removed + " removed");
        fileSystem.fillUpTo(0);
        assertTrue(StoreVerifier.verify(directory, ProgressListener.NONE).isSound());
        try (Store store = open()) {
            for (int number = removed + 1; number < stored; number++) {
                byte[] expected = random(FillingWriter.VALUE_LENGTH, number);
                assertArrayEquals(expected, store.getBytes(key(number)), "key" + number);
            }
            for (int number = 0; number < stored; number++) {
                assertEquals(
                        number > removed || number == removed && store.contains(key(number)),
                        store.remove(key(number)));
            }
            assertEquals(0, store.count());
            compactAndPutAgain(store);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLargeValueThatDoesNotFitIsRefusedAndLeavesNothing(Kind kind) throws IOException {
        mount(kind);
        try (Store store = open()) {
            store.put(bytes("small"), bytes("value"));
            fileSystem.fillUpTo(10 << 20);
            assertThrows(StoreFullException.class, () -> store.putStream(bytes("large"), 30 << 20));
            ByteBuffer piece = ByteBuffer.wrap(random(1 << 20, 3));
            try (ValueWriter growing = store.putStream(bytes("large"))) {
                assertThrows(StoreFullException.class, () -> {
                    for (int i = 0; i < 30; i++) {
                        growing.write(piece.clear());
                    }
                });
            }
            awaitNoLargeValue();
            assertFalse(store.contains(bytes("large")));
            // The name may go a moment before the room comes back.
            putWhenThereIsRoom(store, bytes("large"), random(5 << 20, 1));
            assertThrows(StoreFullException.class, () -> store.put(bytes("large"), random(7 << 20, 2)));
            assertArrayEquals(random(5 << 20, 1), store.getBytes(bytes("large")), "what was to be replaced is there");
            assertTrue(store.remove(bytes("large")));
            awaitNoLargeValue();
            putWhenThereIsRoom(store, bytes("large"), random(6 << 20, 3));
        }
    }

    private void awaitNoLargeValue() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (largeValueCount() > 0) {
            assertTrue(System.nanoTime() < deadline, largeValueCount() + " files of large values");
            LockSupport.parkNanos(1_000_000);
        }
    }

    private long largeValueCount() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".value")).count();
        }
    }

    /**
     * So many small keys that their tombstones need more than the reserve: compaction in between makes space for the
     * rest.
     */
    @ParameterizedTest
    @EnumSource
    void whenTheReserveIsUsedUpCompactionBringsItBack(Kind kind) throws IOException {
        mount(kind);
        try (Store store = open()) {
            int count = fill(store, 100);
            fileSystem.fillUpTo(0);
            int compactions = 0;
            for (int number = 0; number < count; ) {
                try {
                    assertTrue(store.remove(key(number)));
                    number++;
                } catch (StoreFullException usedUp) {
                    assertTrue(++compactions < 100, number + " of " + count + " removed");
                    assertTrue(store.contains(key(number)));
                    store.compact(ProgressListener.NONE);
                }
            }
            assertTrue(compactions > 0, "the reserve was never used up, with " + count + " keys");
            assertEquals(0, store.count());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStoreWithItsReserveUsedUpCanBeCleared(Kind kind) throws IOException {
        mount(kind);
        try (Store store = open()) {
            int count = fill(store, 100);
            fileSystem.fillUpTo(0);
            assertThrows(StoreFullException.class, () -> {
                for (int number = 0; number < count; number++) {
                    store.remove(key(number));
                }
            });
            store.clear();
            compactAndPutAgain(store);
            assertEquals(1, store.count());
        }
    }

    @ParameterizedTest
    @EnumSource
    void batchesOfRemovalsAndTheExpirySweepUseTheReserve(Kind kind) throws IOException {
        mount(kind);
        AtomicLong now = new AtomicLong(1_000_000);
        InstantSource clock = () -> Instant.ofEpochMilli(now.get());
        try (Store store = Store.open(directory, OPTIONS.withClock(clock))) {
            for (int number = 0; number < 1000; number++) {
                store.put(bytes("expires" + number), random(1000, number), Expiries.expiring(now.get() + 1));
            }
            int count = fill(store, VALUE_LENGTH);
            fileSystem.fillUpTo(0);
            WriteBatch mixed = new WriteBatch().remove(key(0)).put(key(1), random(VALUE_LENGTH, 0));
            assertThrows(StoreFullException.class, () -> store.write(mixed));
            assertTrue(store.contains(key(0)));
            WriteBatch removals = new WriteBatch();
            for (int number = 0; number < 500; number++) {
                removals.remove(key(number));
            }
            store.write(removals);
            assertFalse(store.contains(key(499)));
            assertTrue(store.contains(key(500)));
            now.addAndGet(10);
            StoreAccess.owner(store).sweep.sweepAll();
            assertEquals(count - 500, store.count());
        }
    }

    /** There is space for bytes and none for names. */
    @Test
    void aFileSystemWithoutInodesIsFull() throws IOException {
        fileSystem = SmallFileSystem.mountTmpfs(temporary, "size=" + SmallFileSystem.SIZE + ",nr_inodes=20");
        directory = fileSystem.root.resolve("store");
        try (Store store = open()) {
            assertThrows(StoreFullException.class, () -> {
                for (int number = 0; number < 100; number++) {
                    store.put(key(number), random(600_000, number));
                }
            });
            assertTrue(store.count() > 5);
            assertTrue(store.remove(key(0)));
            putWhenThereIsRoom(store, key(0), random(600_000, 0));
        }
    }
}
