package dev.penstock.store;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.recovery.StoreCreation;
import dev.penstock.store.simulation.CrashImage;
import dev.penstock.store.simulation.PowerCut;
import dev.penstock.store.simulation.SimulatedDisk;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A full compaction that is killed before any of its system calls, or loses power there, loses nothing: the store opens
 * and has every key with its value, and none that was removed.
 */
@Tag("slow")
class KilledCompactionTest {

    private static final Path DIRECTORY = Path.of("/compacted");
    private static final int SEGMENT_SHIFT = 17;
    private static final int KEY_COUNT = 60;

    private final Map<String, byte[]> entries = new TreeMap<>();
    private final Random random = new Random(7);
    private boolean isCompacting;
    private int calls;
    private SimulatedDisk disk;

    @Test
    void aKillOrPowerCutAtEveryCallLosesNothing() throws IOException {
        try (Arena arena = Arena.ofShared()) {
            disk = new SimulatedDisk(arena, DIRECTORY);
            WatchedDisk watched = new WatchedDisk(disk, (call, path) -> look(call.toString()));
            new StoreCreation(watched.openDirectory(DIRECTORY)).create(new Identity(new UUID(5, 6), SEGMENT_SHIFT));
            try (Store store = Store.open(watched, DIRECTORY, StoreOptions.defaults(), new ManualThreads())) {
                fill(store);
                store.sync();
                isCompacting = true;
                CompactionReport report = store.compact(ProgressListener.NONE);
                store.sync();
                isCompacting = false;
                assertTrue(report.segmentsRetired() > 2, report.toString());
                assertTrue(calls > 20, calls + " calls");
                compare(store, "the end");
            }
        }
    }

    private void fill(Store store) {
        for (int i = 0; i < 400; i++) {
            String key = "key" + random.nextInt(KEY_COUNT);
            byte[] value = random(100 + random.nextInt(3_000), i);
            store.put(bytes(key), value);
            entries.put(key, value);
        }
        for (int i = 0; i < KEY_COUNT; i += 5) {
            store.remove(bytes("key" + i));
            entries.remove("key" + i);
        }
        store.put(bytes("large"), random(50_000, 1));
        entries.put("large", random(50_000, 1));
    }

    private synchronized void look(String call) throws IOException {
        if (!isCompacting) {
            return;
        }
        calls++;
        disk.capture();
        PowerCut cut = new PowerCut(disk, random);
        CrashImage killed = cut.nothingLost();
        killed.sameBoot(true);
        check(killed, "killed before call " + calls + ", " + call);
        for (int i = 0; i < 2; i++) {
            check(cut.any(), "power cut before call " + calls + ", " + call);
        }
        cut.restore();
    }

    private void check(CrashImage image, String when) throws IOException {
        try (Arena copies = Arena.ofShared()) {
            SimulatedDisk left = image.toDisk(copies);
            try (Store store = Store.open(left, DIRECTORY, StoreOptions.defaults(), new ManualThreads())) {
                compare(store, when);
            } catch (StoreException refused) {
                throw new AssertionError(when + ": " + refused.getMessage(), refused);
            }
        }
    }

    private void compare(Store store, String when) {
        assertEquals(entries.size(), store.count(), when);
        entries.forEach((key, value) -> assertArrayEquals(value, store.getBytes(bytes(key)), when + ": " + key));
    }
}
