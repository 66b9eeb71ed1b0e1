package dev.penstock.store.internal.checkpoint;

import static dev.penstock.store.StoreTest.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.store.ManualThreads;
import dev.penstock.store.MemoryBackedDirectory;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueView;
import dev.penstock.store.WatchedDisk;
import dev.penstock.store.internal.background.AgentThread;
import dev.penstock.store.internal.index.IndexMemory;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.NativeMemory;
import dev.penstock.store.internal.io.ReadableRange;
import dev.penstock.store.internal.io.SystemDisk;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store that was opened on a checkpoint's file leaves it soon, and nobody who reads or writes meanwhile notices. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class DirectoryMigrationTest {

    private static final Path MAPPINGS = Path.of("/proc/self/smaps");
    private static final int KEYS = 20_000;
    private static final int OPENINGS = 6;
    private static final int READERS = 2;

    @TempDir(factory = MemoryBackedDirectory.class)
    Path directory;

    /** For each key the newest value whose put has returned. */
    private final AtomicIntegerArray acknowledged = new AtomicIntegerArray(KEYS);

    @Test
    void readersSeeEveryAcknowledgedWriteWhileStripesMove() throws Exception {
        long seed = Long.getLong("penstock.seed", System.nanoTime());
        System.out.println("DirectoryMigrationTest: -Dpenstock.seed=" + seed);
        try (Store store = Store.open(directory)) {
            for (int key = 0; key < KEYS; key++) {
                put(store, key, 1);
            }
        }
        for (int opening = 0; opening < OPENINGS; opening++) {
            ManualThreads threads = new ManualThreads();
            try (Store store = StoreAccess.open(new SystemDisk(), directory, StoreOptions.defaults(), threads)) {
                assertTrue(isCheckpointMapped(), "opened on the file");
                takeOverBeside(store, threads, seed + opening, KEYS + opening * KEYS);
                assertFalse(isCheckpointMapped(), "the file is let go");
                for (int key = 0; key < KEYS; key++) {
                    assertEquals(acknowledged.get(key), value(store, key));
                }
            }
        }
    }

    /** @param firstNew the first of the keys that are added, for the table to grow */
    private void takeOverBeside(Store store, ManualThreads threads, long seed, int firstNew) throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        CountDownLatch begun = new CountDownLatch(READERS + 1);
        List<Thread> others = new ArrayList<>();
        others.add(begin(failure, () -> {
            Random random = new Random(seed);
            for (int n = 0; !stop.get(); n++) {
                int key = random.nextInt(KEYS);
                put(store, key, acknowledged.get(key) + 1);
                store.put(key(firstNew + n % KEYS), new byte[Integer.BYTES]);
                begun.countDown();
            }
        }));
        for (int reader = 0; reader < READERS; reader++) {
            Random random = new Random(seed * 31 + reader);
            others.add(begin(failure, () -> {
                while (!stop.get()) {
                    int key = random.nextInt(KEYS);
                    int least = acknowledged.get(key);
                    int found = value(store, key);
                    assertTrue(found >= least, () -> "key " + key + ": " + found + " after " + least);
                    assertFalse(store.contains(key(-1 - key)));
                    assertFalse(Thread.interrupted(), "by the JVM, since memory went that this thread was reading");
                    begun.countDown();
                }
            }));
        }
        while (begun.getCount() > 0 && failure.get() == null) {
            Thread.onSpinWait();
        }
        // New pages are made in a few steps; then the stripes move, and the file is released.
        for (int step = 0; step < 2 * KeyDirectory.STRIPE_COUNT; step++) {
            threads.work();
        }
        stop.set(true);
        for (Thread other : others) {
            other.join();
        }
        workUntilReclaimed(threads);
        if (failure.get() != null) {
            throw new AssertionError("beside the takeover", failure.get());
        }
    }

    /** A grace period without readers takes a step for each of its phases. */
    private static void workUntilReclaimed(ManualThreads threads) throws Exception {
        for (int step = 0; step < 4; step++) {
            threads.work();
        }
    }

    @Test
    void theFileStaysMappedWhileAReaderMayLookAtIt() throws Exception {
        try (Store store = Store.open(directory)) {
            for (int key = 0; key < KEYS; key++) {
                put(store, key, 1);
            }
        }
        ManualThreads threads = new ManualThreads();
        try (Store store = StoreAccess.open(new SystemDisk(), directory, StoreOptions.defaults(), threads)) {
            try (ValueView view = store.get(key(0))) {
                for (int step = 0; step < 2 * KeyDirectory.STRIPE_COUNT; step++) {
                    threads.work();
                }
                assertTrue(isCheckpointMapped(), "the view has a lease, as each read has");
                assertEquals(Integer.BYTES, view.length());
            }
            workUntilReclaimed(threads);
            assertFalse(isCheckpointMapped(), "the file is let go");
        }
    }

    private static Thread begin(AtomicReference<Throwable> failure, Runnable work) {
        return Thread.ofPlatform()
                .uncaughtExceptionHandler((thread, thrown) -> failure.compareAndSet(null, thrown))
                .start(work);
    }

    @Test
    void theDirectoryOfAStoreThatWasOpenedLiesInHugePages() throws Exception {
        assumeTrue(Files.isReadable(MAPPINGS), "no /proc");
        try (Arena arena = Arena.ofConfined()) {
            long none = hugeKilobytes();
            MemorySegment memory = NativeMemory.allocate(4 * NativeMemory.HUGE_PAGE_LENGTH, arena);
            NativeMemory.adviseHugePages(memory);
            memory.fill((byte) 1);
            assumeTrue(hugeKilobytes() > none, "the system gives no huge pages");
        }
        try (Store store = Store.open(directory)) {
            for (int key = 0; key < 400_000; key++) {
                store.put(key(key), new byte[1]);
            }
        }
        long before = hugeKilobytes();
        ManualThreads threads = new ManualThreads();
        try (Store store = StoreAccess.open(new SystemDisk(), directory, StoreOptions.defaults(), threads)) {
            for (int step = 0; step < 2 * KeyDirectory.STRIPE_COUNT; step++) {
                threads.work();
            }
            assertEquals(400_000, store.count());
            long gained = hugeKilobytes() - before;
            assertTrue(gained >= 4 * 1024, gained + " KiB");
        }
    }

    /** What is asked for addresses for the key directory, and where it got them. */
    private static final class Addresses implements IndexMemory {

        private final Set<Long> reserved = new HashSet<>();
        private int count;

        @Override
        public MemorySegment allocate(long length, Arena arena) {
            return IndexMemory.SYSTEM.allocate(length, arena);
        }

        @Override
        public ReadableRange reserve() {
            ReadableRange range = ReadableRange.reserve(8L << 30); // a length that no other test asks for
            reserved.add(range.address());
            count++;
            return range;
        }
    }

    @Test
    void aStoreThatIsOpenedOnItsCheckpointTakesNoMoreAddressesThanOneThatIsNew() throws Exception {
        assumeTrue(ReadableRange.isAvailable());
        Addresses created = new Addresses();
        try (Store store =
                StoreAccess.open(new SystemDisk(), directory, StoreOptions.defaults(), AgentThread::new, created)) {
            for (int key = 0; key < KEYS; key++) {
                put(store, key, 1);
            }
        }
        assertEquals(2, created.reserved.size(), "for buckets and for overflow buckets");
        for (int opening = 0; opening < OPENINGS; opening++) {
            Addresses addresses = new Addresses();
            ManualThreads threads = new ManualThreads();
            try (Store reader = StoreAccess.open(
                            new SystemDisk(),
                            directory,
                            StoreOptions.defaults().withReadOnly(true),
                            new ManualThreads(),
                            addresses);
                    Store store = StoreAccess.open(
                            new SystemDisk(), directory, StoreOptions.defaults(), threads, addresses)) {
                for (int step = 0; step < 2 * KeyDirectory.STRIPE_COUNT; step++) {
                    threads.work();
                }
                assertEquals(KEYS, store.count());
                assertEquals(KEYS, reader.count());
                assertEquals(1, value(store, opening));
            }
            assertTrue(addresses.count >= 2, "the directory has left the image");
            assertEquals(created.reserved, addresses.reserved);
        }
    }

    /** Each chunk of the image is read into memory then. */
    @Test
    void aCheckpointThatCannotBeMappedIsReadAndSavesTheReplay() {
        try (Store store = Store.open(directory)) {
            for (int key = 0; key < KEYS; key++) {
                put(store, key, 1);
            }
        }
        WatchedDisk unmappable = new WatchedDisk(new WatchedDisk.Watcher() {
            @Override
            public void before(WatchedDisk.Call call, Path path) {}

            @Override
            public boolean canMapPrivately(Path path) {
                return !path.endsWith("CHECKPOINT");
            }
        });
        for (boolean readOnly : new boolean[] {true, false}) {
            try (Store store = StoreAccess.open(
                    unmappable, directory, StoreOptions.defaults().withReadOnly(readOnly))) {
                long replayed = StoreAccess.engine(store).recovered.recordCount();
                assertTrue(replayed < 10, replayed + " records were replayed");
                for (int key = 0; key < KEYS; key++) {
                    assertEquals(1, value(store, key));
                }
            }
        }
    }

    private void put(Store store, int key, int value) {
        store.put(key(key), ByteBuffer.allocate(Integer.BYTES).putInt(0, value).array());
        acknowledged.set(key, value);
    }

    private static int value(Store store, int key) {
        byte[] value = store.getBytes(key(key));
        assertNotNull(value, () -> "key " + key);
        return ByteBuffer.wrap(value).getInt();
    }

    private static byte[] key(int number) {
        return bytes("key" + number);
    }

    private boolean isCheckpointMapped() throws IOException {
        assumeTrue(Files.isReadable(MAPPINGS), "no /proc");
        return Files.readAllLines(MAPPINGS).stream()
                .anyMatch(line -> line.contains(directory.resolve("CHECKPOINT").toString()));
    }

    private static long hugeKilobytes() throws IOException {
        return Files.readAllLines(MAPPINGS).stream()
                .filter(line -> line.startsWith("AnonHugePages:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }
}
