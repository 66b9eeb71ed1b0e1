package dev.penstock.store.internal.log;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.LiveFile;
import dev.penstock.store.ManualThreads;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreException;
import dev.penstock.store.StoreFailedException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueWriter;
import dev.penstock.store.WatchedDisk;
import dev.penstock.store.WriteBatch;
import dev.penstock.store.internal.background.AgentThread;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.SystemDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What counts in the log is never undone, and what can fail fails before it counts. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public class PublicationTest {

    private static final StoreOptions SMALL =
            StoreOptions.defaults().withSegmentSize(1 << 20).withCompactionRate(0);
    private static final int LARGE = 300_000;

    private final Logger logger = Logger.getLogger("dev.penstock.store");

    @TempDir
    Path directory;

    private final AtomicBoolean forceFails = new AtomicBoolean();
    private final CountDownLatch isBlocked = new CountDownLatch(1);
    private final CountDownLatch mayGoOn = new CountDownLatch(1);
    private volatile Thread blocked;
    private final AtomicInteger writesToValues = new AtomicInteger();
    private volatile Callable<?> duringCheckpoint;
    private final AtomicInteger writesToCheckpoint = new AtomicInteger();

    @BeforeEach
    void silence() {
        logger.setLevel(Level.OFF);
    }

    @AfterEach
    void speak() {
        mayGoOn.countDown();
        logger.setLevel(null);
    }

    /** A disk on which the blocked thread stops between claiming room in the log and filling it. */
    private WatchedDisk disk() {
        return new WatchedDisk((call, path) -> {
            if (call == WatchedDisk.Call.FORCE && forceFails.get()) {
                throw new IOException("Input/output error");
            }
            boolean isWrite = call == WatchedDisk.Call.WRITE;
            // The first write to the value's file heads it; the second one is made under the claim.
            if (isWrite
                    && Thread.currentThread().equals(blocked)
                    && path.toString().endsWith(".value")
                    && writesToValues.incrementAndGet() == 2) {
                isBlocked.countDown();
                await(mayGoOn);
            }
            if (isWrite && duringCheckpoint != null && path.toString().contains("CHECKPOINT")) {
                if (writesToCheckpoint.incrementAndGet() == 40) {
                    call(duringCheckpoint);
                }
            }
        });
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(1, TimeUnit.MINUTES));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void call(Callable<?> action) {
        try {
            action.call();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** What a write ended with: null for a return. */
    private static FutureTask<StoreException> begin(Runnable write) {
        FutureTask<StoreException> task = new FutureTask<>(() -> {
            try {
                write.run();
                return null;
            } catch (StoreException e) {
                return e;
            }
        });
        return task;
    }

    private FutureTask<StoreException> blockInClaim(Runnable write) {
        FutureTask<StoreException> task = begin(write);
        blocked = new Thread(task);
        blocked.start();
        await(isBlocked);
        return task;
    }

    /** Begins a write that comes to wait for the one that is blocked. */
    private static FutureTask<StoreException> waitToPublish(Runnable write) {
        FutureTask<StoreException> task = begin(write);
        Thread thread = new Thread(task);
        thread.start();
        while (!waitsToPublish(thread)) {
            assertTrue(thread.isAlive(), "the write did not wait for the one before");
            Thread.onSpinWait();
        }
        return task;
    }

    private static boolean waitsToPublish(Thread thread) {
        for (StackTraceElement frame : thread.getStackTrace()) {
            if (frame.getClassName().endsWith("PublicationOrder")
                    && frame.getMethodName().equals("park")) {
                return true;
            }
        }
        return false;
    }

    @ParameterizedTest
    @ValueSource(strings = {"put", "stream", "batch", "growing"})
    void aForceThatFailsWhileALargeValueWaitsToBePublishedTakesNothingAway(String how) throws Exception {
        byte[] value = random(LARGE + 7, 2);
        Store store = StoreAccess.open(disk(), directory, SMALL);
        store.put(bytes("early"), bytes("synced"));
        store.sync();
        store.put(bytes("unsynced"), bytes("too"));
        // In stripes of their own, or the second writer waits for a lock and not for its turn.
        byte[] firstKey = keyInStripe(store, 1);
        byte[] besideKey = keyInStripe(store, 2);
        byte[] secondKey = keyInStripe(store, 3);
        FutureTask<StoreException> first = blockInClaim(() ->
                store.write(new WriteBatch().put(firstKey, random(LARGE, 1)).put(besideKey, random(6_000, 1))));
        FutureTask<StoreException> second = waitToPublish(() -> writeLarge(store, how, secondKey, value));
        forceFails.set(true);
        assertThrows(StoreFailedException.class, store::sync);
        mayGoOn.countDown();
        first.get();
        StoreException outcome = second.get();
        forceFails.set(false);
        try {
            store.close();
        } catch (StoreException failed) {
            // It says so.
        }
        try (Store again = Store.open(directory, SMALL)) {
            assertArrayEquals(bytes("synced"), again.getBytes(bytes("early")));
            assertArrayEquals(bytes("too"), again.getBytes(bytes("unsynced")));
            if (outcome == null) {
                assertArrayEquals(value, again.getBytes(secondKey), "it was acknowledged");
            } else if (again.contains(secondKey)) {
                assertArrayEquals(value, again.getBytes(secondKey));
            }
            assertEquals(again.contains(firstKey), again.contains(besideKey), "half a batch");
        }
    }

    private static void writeLarge(Store store, String how, byte[] key, byte[] value) {
        switch (how) {
            case "put" -> store.put(key, value);
            case "batch" -> store.write(new WriteBatch().put(key, value));
            default -> {
                try (ValueWriter writer =
                        how.equals("growing") ? store.putStream(key) : store.putStream(key, value.length)) {
                    writer.write(ByteBuffer.wrap(value));
                    writer.commit();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        }
    }

    @Test
    void aCheckpointThatMeetsALargeValueBeforeItsReferenceIsOfUse() throws Exception {
        ManualThreads threads = new ManualThreads();
        Store store = StoreAccess.open(disk(), directory, SMALL, threads);
        for (int i = 0; i < 20_000; i++) {
            store.put(bytes("key" + i), random(30, i));
        }
        // The stripes of all are copied before the checkpoint comes to its fortieth page.
        byte[] beside = keyInStripe(store, 0);
        byte[] first = keyInStripe(store, 1);
        byte[] second = keyInStripe(store, 2);
        List<FutureTask<StoreException>> writes = new ArrayList<>();
        duringCheckpoint = () -> {
            writes.add(blockInClaim(() ->
                    store.write(new WriteBatch().put(first, random(LARGE, 1)).put(beside, random(6_000, 1)))));
            return writes.add(waitToPublish(() -> store.put(second, random(LARGE, 2))));
        };
        assertTrue(StoreAccess.owner(store).checkpointer.write());
        duringCheckpoint = null;
        assertEquals(2, writes.size());
        assertFalse(writes.get(1).isDone(), "the value was published before the checkpoint was");
        Path copy = directory.resolveSibling(directory.getFileName() + "-copy");
        Files.createDirectory(copy);
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                LiveFile.copy(file, copy.resolve(file.getFileName()));
            }
        }
        mayGoOn.countDown();
        for (FutureTask<StoreException> write : writes) {
            assertEquals(null, write.get());
        }
        store.close();
        try (Store again = StoreAccess.open(new SystemDisk(), copy, SMALL, AgentThread::new)) {
            assertTrue(
                    StoreAccess.engine(again).recovered.imageFrom() > 0,
                    "the checkpoint was of no use: " + StoreAccess.engine(again).recovered);
            assertEquals(20_000, again.count());
        }
    }

    private static byte[] keyInStripe(Store store, int stripe) {
        KeyDirectory keys = StoreAccess.engine(store).directory;
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> bytes("large" + i))
                .filter(key -> KeyDirectory.stripe(keys.hash(key, 0, key.length)) == stripe)
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aBatchThatMeetsADamagedKeyChangesNothing(boolean large) throws IOException {
        byte[] victim = bytes("victim-key-00000000");
        try (Store store = Store.open(directory, SMALL)) {
            store.put(victim, bytes("old"));
            for (int i = 0; i < 40_000; i++) {
                store.put(bytes("filler" + i), random(60, i));
            }
        }
        Path segment = directory.resolve("0000000001.log");
        int damaged = indexOf(Files.readAllBytes(segment), victim) + 7;
        flip(segment, damaged);
        try (Store store = Store.open(directory, SMALL)) {
            assertTrue(StoreAccess.engine(store).recovered.imageFrom() > 0, "the replay would have met the damage");
            WriteBatch batch = new WriteBatch()
                    .put(bytes("first"), bytes("1"))
                    .put(victim, bytes("new"))
                    .remove(bytes("filler1"))
                    .put(bytes("last"), large ? random(2 * LARGE, 1) : bytes("1"));
            assertThrows(CorruptionException.class, () -> store.write(batch));
            assertThrows(CorruptionException.class, () -> store.put(victim, bytes("new")));
            assertNothingChanged(store);
            store.put(bytes("after"), bytes("written"));
        }
        try (Store store = Store.open(directory, SMALL)) {
            assertNothingChanged(store);
            assertTrue(store.contains(bytes("after")));
        }
        flip(segment, damaged);
        try (Store store = Store.open(directory, SMALL)) {
            assertNothingChanged(store);
            assertArrayEquals(bytes("old"), store.getBytes(victim));
        }
    }

    private static void assertNothingChanged(Store store) {
        assertFalse(store.contains(bytes("first")));
        assertFalse(store.contains(bytes("last")));
        assertNotNull(store.getBytes(bytes("filler1")));
    }

    private static void flip(Path file, int offset) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, offset);
            one.put(0, (byte) (one.get(0) ^ 1)).rewind();
            channel.write(one, offset);
        }
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        return IntStream.range(0, bytes.length - part.length)
                .filter(at -> java.util.Arrays.equals(bytes, at, at + part.length, part, 0, part.length))
                .findFirst()
                .orElseThrow();
    }

    /** The room that was claimed for its record in the log is padded then: the padding refers to nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"put", "batch", "stream"})
    void aLargeValueThatCannotBeCompletedLeavesNeitherAFileNorADescriptor(String how) throws IOException {
        AtomicInteger writesToFailure = new AtomicInteger();
        WatchedDisk disk = new WatchedDisk((call, path) -> {
            if (call == WatchedDisk.Call.WRITE
                    && path.toString().endsWith(".value")
                    && writesToFailure.decrementAndGet() == 0) {
                throw new IOException("Input/output error");
            }
        });
        int refused = 0;
        try (Store store = StoreAccess.open(disk, directory, SMALL)) {
            for (boolean written = false; !written; ) {
                writesToFailure.set(refused + 1);
                try {
                    writeLarge(store, how, bytes("large"), random(LARGE, refused));
                    written = true;
                } catch (StoreException failed) {
                    refused++;
                    assertEquals(0, valueFiles(), how + ", write " + refused);
                    while (descriptorsOfValues() > 0) {
                        Thread.onSpinWait();
                    }
                    assertEquals(0, store.count());
                }
            }
            assertTrue(refused >= 3, refused + " writes failed");
            store.sync();
            assertArrayEquals(random(LARGE, refused), store.getBytes(bytes("large")));
        }
        try (Store store = Store.open(directory, SMALL)) {
            assertArrayEquals(random(LARGE, refused), store.getBytes(bytes("large")));
        }
    }

    private long valueFiles() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".value")).count();
        }
    }

    private long descriptorsOfValues() throws IOException {
        long count = 0;
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            for (Path link : open.toList()) {
                try {
                    String file = Files.readSymbolicLink(link).toString();
                    count += file.startsWith(directory.toString()) && file.contains(".value") ? 1 : 0;
                } catch (NoSuchFileException closed) {
                    // The stream's own, or another thread's.
                }
            }
        }
        return count;
    }

    @Test
    void ofSeveralChangesOfABatchToAKeyTheLastCounts() {
        byte[] key = bytes("key");
        try (Store store = Store.open(directory, SMALL)) {
            store.write(new WriteBatch().put(key, random(LARGE, 1)).remove(key).put(key, bytes("small")));
            assertArrayEquals(bytes("small"), store.getBytes(key));
            store.write(new WriteBatch().put(key, bytes("more")).put(key, random(LARGE, 2)));
            assertArrayEquals(random(LARGE, 2), store.getBytes(key));
            store.write(new WriteBatch()
                    .put(key, random(LARGE, 3))
                    .put(key, random(LARGE, 4))
                    .remove(key));
            assertFalse(store.contains(key));
            assertEquals(0, store.count());
            assertEquals(0, store.liveBytes());
        }
        assertEquals(0, directory.toFile().list((_, name) -> name.endsWith(".value")).length);
        try (Store store = Store.open(directory, SMALL)) {
            assertEquals(0, store.count());
            assertEquals(0, store.liveBytes());
        }
    }
}
