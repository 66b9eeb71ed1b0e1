package dev.penstock.store.internal.compaction;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.CompactionReport;
import dev.penstock.store.CorruptionException;
import dev.penstock.store.MemoryBackedDirectory;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreFailedException;
import dev.penstock.store.StoreIoException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WatchedDisk;
import dev.penstock.store.check.StoreInspector;
import dev.penstock.store.check.StoreSummary;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.internal.background.AgentThread;
import dev.penstock.store.internal.engine.Engine;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.agrona.concurrent.Agent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A compaction that is asked for while nobody writes, and so empties two segments at a time and retires others
 * meanwhile.
 */
@Timeout(120)
class AskedCompactionTest {

    private static final int KEYS = 12_000;
    private static final int VALUE_LENGTH = 1_000;
    private static final StoreOptions OPTIONS = StoreOptions.defaults()
            .withSegmentSize(1 << 20)
            .withCompactionRate(0)
            .withVerifyOnRead(true);

    private final Logger logger = Logger.getLogger("dev.penstock.store");
    private final int[] versions = new int[KEYS];
    private final Set<Path> newFiles = ConcurrentHashMap.newKeySet();
    private volatile Failing failing = Failing.NONE;

    /** Which forces fail. */
    private enum Failing {
        NONE,
        NEW_FILES,
        FILLED_FILES_ASIDE
    }

    @TempDir(factory = MemoryBackedDirectory.class)
    Path directory;

    @AfterEach
    void speak() {
        logger.setLevel(null);
    }

    /** A walker that did not count on the other one would keep removals for its sake. */
    @Test
    void nothingDeadIsLeftNeitherValuesNorRemovals() throws IOException {
        try (Store store = open()) {
            fill(store);
            CompactionReport report = store.compact(ProgressListener.NONE);
            assertTrue(report.segmentsRetired() > 10, report.toString());
            compare(store);
        }
        StoreSummary summary = StoreInspector.inspect(directory, ProgressListener.NONE);
        assertEquals(
                0,
                summary.segments().stream()
                        .mapToLong(segment -> segment.tombstoneCount())
                        .sum());
        assertSound();
        try (Store store = Store.open(directory, OPTIONS)) {
            compare(store);
        }
    }

    /** As short as records get, so that they begin as close to each other as they can. */
    @Test
    void ofTheShortestRecordsNoneIsLostAndNoDeadOneKept() throws IOException {
        int count = 60_000;
        try (Store store = open()) {
            for (int round = 0; round < 2; round++) {
                for (int key = 0; key < count; key += 1 + round) {
                    store.put(shortKey(key), new byte[0]);
                }
            }
            store.compact(ProgressListener.NONE);
            assertEquals(count, store.count());
            for (int key = 0; key < count; key++) {
                assertArrayEquals(new byte[0], store.getBytes(shortKey(key)), "key " + key);
            }
        }
        // The word that a segment is retired is kept as long as it may be needed, and is no live record.
        StoreSummary summary = StoreInspector.inspect(directory, ProgressListener.NONE);
        assertTrue(summary.deadBytes() < 1_000, summary.deadBytes() + " bytes are dead");
        assertSound();
    }

    private static byte[] shortKey(int number) {
        return new byte[] {(byte) (number >>> 8), (byte) number};
    }

    /** Few keys and many segments: it is found out for some of them at a time what is live. */
    @Test
    void aLogOfManySegmentsIsCompactedPartByPart() throws IOException {
        int count = 2_000;
        int length = 12_000;
        try (Store store = open()) {
            for (int round = 0; round < 3; round++) {
                for (int key = 0; key < count; key++) {
                    store.put(key(key), random(length, key * 10 + round));
                }
            }
            CompactionReport report = store.compact(ProgressListener.NONE);
            assertTrue(report.segmentsRetired() > 40, report.toString());
            for (int key = 0; key < count; key++) {
                assertArrayEquals(random(length, key * 10 + 2), store.getBytes(key(key)), "key " + key);
            }
            assertTrue(report.bytesAfter() < 1.1 * store.liveBytes(), report.toString());
        }
        assertSound();
    }

    /** What was retired by then stays retired, and what was emptied since stays where it is. */
    @Test
    void aForceThatFailsWhereSegmentsAreRetiredAsideLosesNothing() throws IOException {
        logger.setLevel(Level.OFF);
        Store store = open(AskedCompactionTest::withoutSegmentsMadeAhead);
        fill(store);
        failing = Failing.FILLED_FILES_ASIDE;
        assertThrows(StoreFailedException.class, () -> store.compact(ProgressListener.NONE));
        assertThrows(StoreFailedException.class, () -> store.compact(ProgressListener.NONE));
        compare(store);
        store.close();
        assertSound();
        try (Store again = Store.open(directory, OPTIONS)) {
            compare(again);
            again.compact(ProgressListener.NONE);
            compare(again);
        }
        assertSound();
    }

    /** A file that holds nothing yet is given up and made anew; what fails the store is the loss of what it holds. */
    @Test
    void aForceThatFailsWhereASegmentIsMadeLosesNothing() throws IOException {
        try (Store store = open(AskedCompactionTest::withoutSegmentsMadeAhead)) {
            fill(store);
            failing = Failing.NEW_FILES;
            StoreIoException failed = assertThrows(StoreIoException.class, () -> store.compact(ProgressListener.NONE));
            assertTrue(failed.getMessage().contains("Input/output error"), failed.getMessage());
            failing = Failing.NONE;
            compare(store);
            store.compact(ProgressListener.NONE);
            compare(store);
        }
        assertSound();
        try (Store again = Store.open(directory, OPTIONS)) {
            compare(again);
        }
    }

    /** Whichever of the walkers comes across it: the keys are of three segments, one after the other. */
    @ParameterizedTest
    @ValueSource(ints = {1_499, 2_498, 3_497})
    void damageEndsItAndTakesNothingElseAlong(int damaged) throws IOException {
        logger.setLevel(Level.OFF);
        try (Store store = open()) {
            fill(store);
            damage(store, key(damaged));
            CorruptionException damage =
                    assertThrows(CorruptionException.class, () -> store.compact(ProgressListener.NONE));
            assertTrue(damage.getMessage().contains("value checksum does not match"), damage.getMessage());
            assertThrows(CorruptionException.class, () -> store.getBytes(key(damaged)));
            assertTrue(store.remove(key(damaged)));
            versions[damaged] = -1;
            store.compact(ProgressListener.NONE);
            compare(store);
        }
        assertSound();
    }

    // --- how ---

    private Store open() {
        return open(AgentThread::new);
    }

    private Store open(Function<String, AgentThread> threads) {
        WatchedDisk disk = new WatchedDisk((call, path) -> {
            if (call == WatchedDisk.Call.CREATE) {
                newFiles.add(path);
            } else if (call == WatchedDisk.Call.FORCE) {
                boolean isAside = Thread.currentThread().getName().endsWith("-aside");
                Failing force = newFiles.remove(path) ? Failing.NEW_FILES : isAside ? Failing.FILLED_FILES_ASIDE : null;
                if (force == failing) {
                    throw new IOException("Input/output error");
                }
            }
        });
        return StoreAccess.open(disk, directory, OPTIONS, threads);
    }

    /** Whoever needs the next segment makes it, on the thread aside too: what happens where the background is late. */
    private static AgentThread withoutSegmentsMadeAhead(String name) {
        return new AgentThread(name) {
            @Override
            public void start(Agent... agents) {
                super.start(name.equals("penstock-background") ? new Agent[0] : agents);
            }
        };
    }

    /** A third of the keys overwritten, twice, and a third removed; much is dead in every segment. */
    private void fill(Store store) {
        for (int key = 0; key < KEYS; key++) {
            store.put(key(key), value(key));
        }
        for (int key = 0; key < KEYS; key++) {
            if (key % 3 == 0) {
                store.put(key(key), new byte[VALUE_LENGTH]);
                versions[key]++;
                store.put(key(key), value(key));
            } else if (key % 3 == 1) {
                versions[key] = -1;
                assertTrue(store.remove(key(key)));
            }
        }
    }

    private void compare(Store store) {
        for (int key = 0; key < KEYS; key++) {
            assertArrayEquals(versions[key] < 0 ? null : value(key), store.getBytes(key(key)), "key " + key);
        }
    }

    private void assertSound() throws IOException {
        assertEquals(
                List.of(),
                StoreVerifier.verify(directory, ProgressListener.NONE).findings());
    }

    private static byte[] key(int key) {
        return bytes("key" + key);
    }

    private byte[] value(int key) {
        return random(VALUE_LENGTH, key * 10 + versions[key]);
    }

    private static void damage(Store store, byte[] key) {
        Engine engine = StoreAccess.engine(store);
        long position = engine.directory.find(engine.directory.hash(key, 0, key.length), key, 0, key.length);
        long offset = engine.segments.offset(position) + VALUE_LENGTH / 2;
        var memory = engine.segments.segment(position).memory();
        memory.set(ValueLayout.JAVA_BYTE, offset, (byte) ~memory.get(ValueLayout.JAVA_BYTE, offset));
    }
}
