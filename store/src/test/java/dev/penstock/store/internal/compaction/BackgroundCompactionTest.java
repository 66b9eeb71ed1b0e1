package dev.penstock.store.internal.compaction;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.LiveFile;
import dev.penstock.store.ManualThreads;
import dev.penstock.store.MemoryBackedDirectory;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreFailedException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.StoreStats.CompactionState;
import dev.penstock.store.StoreStats.CompactionStats;
import dev.penstock.store.WatchedDisk;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.internal.background.AgentThread;
import dev.penstock.store.internal.engine.Engine;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.io.DiskFullException;
import dev.penstock.store.internal.io.SystemDisk;
import dev.penstock.store.internal.segment.Segment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.agrona.concurrent.Agent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store gives back the room of what is dead by itself. */
@Tag("slow")
@Timeout(120)
public class BackgroundCompactionTest {

    private static final int KEYS = 20_000;
    private static final int OTHERS = 2_000;
    private static final int VALUE_LENGTH = 1_000;
    private static final StoreOptions SMALL =
            StoreOptions.defaults().withSegmentSize(1 << 20).withVerifyOnRead(true);
    private static final StoreOptions UNLIMITED = SMALL.withCompactionRate(Long.MAX_VALUE);

    private final Logger logger = Logger.getLogger("dev.penstock.store");
    private final AtomicReference<Agent> agent = new AtomicReference<>();
    private final int[] versions = new int[KEYS];
    private volatile boolean isDiskFull;
    private volatile boolean isForceFailing;

    @TempDir(factory = MemoryBackedDirectory.class)
    Path directory;

    @TempDir(factory = MemoryBackedDirectory.class)
    Path killed;

    @AfterEach
    void speak() {
        logger.setLevel(null);
    }

    @Test
    void overwritingAtRandomKeepsTheFilesBelowOneAndAHalfTimesTheLive() throws IOException {
        try (Store store = Store.open(directory, SMALL)) {
            load(store);
            overwrite(store, 8 * KEYS);
            awaitSmall(store);
            CompactionStats stats = store.stats().compaction();
            assertTrue(stats.movedBytes() > 0, stats.toString());
            assertTrue(stats.writeAmplification() > 1.1 && stats.writeAmplification() < 4, stats.toString());
            compare(store);
        }
        try (Store store = Store.open(directory, SMALL)) {
            compare(store);
        }
        assertEquals(
                List.of(),
                StoreVerifier.verify(directory, ProgressListener.NONE).findings());
    }

    @Test
    void pausedItDoesNothingAndGoesOnWhenItMay() throws IOException {
        try (Store store = Store.open(directory, SMALL.withCompactionRate(0))) {
            load(store);
            overwrite(store, 3 * KEYS);
            assertEquals(CompactionState.PAUSED, store.stats().compaction().state());
            assertEquals(0, store.stats().compaction().segmentsRetired());
            assertEquals(0, store.compactionRate());
            store.setCompactionRate(Long.MAX_VALUE);
            awaitSmall(store);
            compare(store);
            assertThrows(IllegalArgumentException.class, () -> store.setCompactionRate(-1));
        }
    }

    @Test
    void whatWasClearedIsGivenBackThoughNobodyWritesAnyMore() throws IOException {
        try (Store store = Store.open(directory, SMALL)) {
            load(store);
            store.clear();
            await(() -> store.stats().segments().size() <= 2);
        }
        try (Store store = Store.open(directory, SMALL)) {
            assertEquals(0, store.count());
        }
    }

    /** Their tombstones could stay for ever behind a segment in which nothing dies. */
    @Test
    void keysThatComeAndGoLeaveNothingBehind() throws Exception {
        try (Store store = openByHand(UNLIMITED)) {
            for (int i = 0; i < 2_000; i++) {
                store.put(bytes("stays" + i), random(VALUE_LENGTH, i));
            }
            for (int i = 0; i < 200_000; i++) {
                store.put(bytes("goes" + i), bytes("value"));
                store.remove(bytes("goes" + i));
                if (i % 1_000 == 0) {
                    work(store);
                }
            }
            work(store);
            assertTrue(store.stats().deadBytes() < 8 << 20, store.stats().toString());
            for (int i = 0; i < 2_000; i++) {
                assertArrayEquals(random(VALUE_LENGTH, i), store.getBytes(bytes("stays" + i)));
            }
        }
        try (Store store = Store.open(directory, SMALL)) {
            assertEquals(2_000, store.count());
            assertNull(store.getBytes(bytes("goes7")));
        }
    }

    @Test
    void aFullDiskIsNoErrorAndItGoesOnWhenThereIsRoom() throws Exception {
        try (Store store = openByHand(UNLIMITED)) {
            load(store);
            overwrite(store, 2 * KEYS);
            isDiskFull = true;
            work(store);
            assertEquals(
                    CompactionState.OUT_OF_SPACE, store.stats().compaction().state());
            long before = store.stats().segments().size();
            isDiskFull = false;
            work(store);
            assertTrue(store.stats().segments().size() < before * 2 / 3);
            compare(store);
        }
    }

    @Test
    void aStoreThatHasFailedIsLeftAsItIs() throws Exception {
        logger.setLevel(Level.OFF);
        Store store = openByHand(UNLIMITED);
        load(store);
        overwrite(store, 2 * KEYS);
        isForceFailing = true;
        assertThrows(StoreFailedException.class, store::sync);
        isForceFailing = false;
        work(store);
        assertEquals(0, store.stats().compaction().segmentsRetired());
        assertEquals(0, store.stats().compaction().movedBytes());
        assertThrows(StoreFailedException.class, () -> store.compact(ProgressListener.NONE));
        store.close();
    }

    /** The rest stays readable, and the damage is found by who reads it. */
    @Test
    void aSegmentWithADamagedValueStaysAsItIs() throws Exception {
        logger.setLevel(Level.OFF);
        try (Store store = openByHand(UNLIMITED)) {
            load(store);
            overwrite(store, 2 * KEYS);
            int key = IntStream.range(0, KEYS)
                    .filter(n -> versions[n] == 0)
                    .findFirst()
                    .orElseThrow();
            Segment segment = damage(store, bytes("key" + key));
            work(store);
            assertTrue(store.stats().compaction().segmentsRetired() > 10);
            assertSame(segment, StoreAccess.engine(store).segments.logSegments().getFirst());
            assertEquals(KEYS, store.count());
            assertThrows(CorruptionException.class, () -> store.getBytes(bytes("key" + key)));
        }
    }

    private static Segment damage(Store store, byte[] key) {
        Engine engine = StoreAccess.engine(store);
        long position = engine.directory.find(engine.directory.hash(key, 0, key.length), key, 0, key.length);
        Segment segment = engine.segments.segment(position);
        long offset = engine.segments.offset(position) + VALUE_LENGTH / 2;
        byte before = segment.memory().get(ValueLayout.JAVA_BYTE, offset);
        segment.memory().set(ValueLayout.JAVA_BYTE, offset, (byte) ~before);
        return segment;
    }

    /** It cannot be copied, since it would clear what is newer too. */
    @Test
    void aClearingOutlivesWhatItClears() throws IOException {
        try (Store store = openByHand(UNLIMITED)) {
            load(store);
            long clearing = tailNumber(store);
            store.clear();
            putOthers(store);
            empty(store, clearing);
            copyFiles();
        }
        try (Store store = Store.open(killed, SMALL)) {
            assertEquals(OTHERS, store.count());
        }
    }

    @Test
    void aRemovalOutlivesWhatItHides() throws IOException {
        try (Store store = openByHand(UNLIMITED)) {
            load(store);
            long removal = tailNumber(store);
            for (int key = 0; key < KEYS / 2; key++) {
                assertTrue(store.remove(bytes("key" + key)));
            }
            putOthers(store);
            empty(store, removal);
            copyFiles();
        }
        try (Store store = Store.open(killed, SMALL)) {
            assertEquals(KEYS - KEYS / 2 + OTHERS, store.count());
            assertNull(store.getBytes(bytes("key0")));
        }
    }

    @Test
    void aRetirementOutlivesTheFileOfWhatIsRetired() throws IOException {
        try (Store store = StoreAccess.open(new SystemDisk(), directory, UNLIMITED, new ManualThreads())) {
            long hidden = tailNumber(store);
            store.put(bytes("hidden"), bytes("value"));
            putOthers(store);
            long removal = tailNumber(store);
            store.remove(bytes("hidden"));
            putOthers(store);
            for (long number = hidden; number < removal; number++) {
                empty(store, number);
            }
            long retirements = tailNumber(store);
            putOthers(store);
            empty(store, removal);
            empty(store, retirements);
            // The files go together, and after a power cut any of them may be gone: this time the youngest.
            copyFiles();
            Files.delete(killed.resolve(FileNames.log(retirements)));
        }
        try (Store store = Store.open(killed, SMALL)) {
            assertNull(store.getBytes(bytes("hidden")));
            assertEquals(OTHERS, store.count());
        }
    }

    private static long tailNumber(Store store) {
        return StoreAccess.owner(store).log.active().number();
    }

    /** So many that the tail is elsewhere afterwards. */
    private static void putOthers(Store store) {
        for (int i = 0; i < OTHERS; i++) {
            store.put(bytes("other" + i), random(VALUE_LENGTH, i));
        }
    }

    /** Empties one segment, and what must go before it. */
    private static void empty(Store store, long number) throws IOException {
        Compactor compactor = StoreAccess.owner(store).compaction.compactor();
        while (CompactionStep.slice(compactor, number) > 0) {
            // There is more.
        }
        assertTrue(store.stats().compaction().segmentsRetired() > 0);
    }

    /** What a process that is killed leaves, less the checkpoint. */
    private void copyFiles() throws IOException {
        for (String name : new SystemDisk().openDirectory(directory).list()) {
            if (name.endsWith(".log") || name.equals("STORE")) {
                LiveFile.copy(directory.resolve(name), killed.resolve(name));
            }
        }
    }

    @Test
    void closingDoesNotWaitForIt() {
        try (Store store = Store.open(directory, SMALL.withCompactionRate(0))) {
            load(store);
            overwrite(store, 2 * KEYS);
            store.setCompactionRate(100_000);
            await(() -> store.stats().compaction().state() == CompactionState.RUNNING);
        }
        try (Store store = Store.open(directory, SMALL)) {
            compare(store);
        }
    }

    // --- how ---

    private void load(Store store) {
        for (int key = 0; key < KEYS; key++) {
            store.put(bytes("key" + key), value(key));
        }
    }

    private void overwrite(Store store, int count) {
        Random random = new Random(1);
        for (int i = 0; i < count; i++) {
            int key = random.nextInt(KEYS);
            versions[key]++;
            store.put(bytes("key" + key), value(key));
        }
    }

    private void compare(Store store) {
        assertEquals(KEYS, store.count());
        for (int key = 0; key < KEYS; key++) {
            assertArrayEquals(value(key), store.getBytes(bytes("key" + key)));
        }
    }

    private byte[] value(int key) {
        return random(VALUE_LENGTH, key * 1_000 + versions[key]);
    }

    /** By the files themselves; what is not worth compacting, and what is allocated ahead, is part of it. */
    private void awaitSmall(Store store) {
        await(() -> logBytes() <= 1.5 * store.liveBytes());
    }

    private long logBytes() {
        try {
            long bytes = 0;
            for (String name : new SystemDisk().openDirectory(directory).list()) {
                bytes += name.endsWith(".log") ? Files.size(directory.resolve(name)) : 0;
            }
            return bytes;
        } catch (NoSuchFileException removedMeanwhile) {
            return Long.MAX_VALUE;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    /** Compaction works when {@link #work} says so. */
    private Store openByHand(StoreOptions options) {
        WatchedDisk disk = new WatchedDisk((call, path) -> {
            if (isDiskFull && call == WatchedDisk.Call.ALLOCATE) {
                throw new DiskFullException("no room");
            }
            if (isForceFailing && call == WatchedDisk.Call.FORCE) {
                throw new IOException("Input/output error");
            }
        });
        return StoreAccess.open(
                disk,
                directory,
                options,
                name -> name.equals("penstock-compact")
                        ? new AgentThread(name) {
                            @Override
                            public void start(Agent... duties) {
                                agent.set(duties[0]);
                            }
                        }
                        : new AgentThread(name));
    }

    /** Until there is nothing to do, or nothing that can be done. */
    private void work(Store store) throws Exception {
        do {
            agent.get().doWork();
        } while (store.stats().compaction().state() == CompactionState.RUNNING);
    }
}
