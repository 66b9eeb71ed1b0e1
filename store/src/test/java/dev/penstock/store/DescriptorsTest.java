package dev.penstock.store;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.io.OutOfDescriptorsException;
import dev.penstock.store.internal.io.SystemDisk;
import dev.penstock.store.internal.recovery.StoreCreation;
import dev.penstock.store.simulation.SimulatedDisk;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store needs no file descriptor for each large value or segment, and a lack of them is over when it is over. */
@Tag("slow")
public class DescriptorsTest {

    private static final int SEGMENT_SHIFT = 17;
    private static final int LARGE = 33_000;

    @TempDir(factory = MemoryBackedDirectory.class)
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"--enable-native-access=ALL-UNNAMED", "--illegal-native-access=deny"})
    void aStoreOfManyMoreLargeValuesThanDescriptorsDoesEverything(String access) throws Exception {
        child(access, 256, access.contains("deny") ? 400 : 2_000, LARGE, SEGMENT_SHIFT);
    }

    @Test
    void aStoreOf400LargeValuesWorksWith150Descriptors() throws Exception {
        child("--enable-native-access=ALL-UNNAMED", 150, 400, LARGE, SEGMENT_SHIFT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--enable-native-access=ALL-UNNAMED", "--illegal-native-access=deny"})
    void aStoreOfManyMoreSegmentsThanDescriptorsDoesEverything(String access) throws Exception {
        // More than 450 segments of 128 KiB, which hold all of the values.
        child(access, 256, 3_000, 20_000, SEGMENT_SHIFT);
    }

    /**
     * {@code -Dpenstock.largeValues=100000} is the long run; of 1 MiB each with {@code -Dpenstock.largeLength=1048576}.
     */
    @Test
    void theLongRun() throws Exception {
        int count = Integer.getInteger("penstock.largeValues", 0);
        if (count > 0) {
            int length = Integer.getInteger("penstock.largeLength", LARGE);
            child("--enable-native-access=ALL-UNNAMED", 256, count, length, length < 1 << 20 ? SEGMENT_SHIFT : 26);
        }
    }

    private void child(String access, int descriptors, int count, int length, int shift) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process child = new ProcessBuilder(List.of(
                        "bash",
                        "-c",
                        "ulimit -n " + descriptors + "; exec \"$@\"",
                        "bash",
                        java,
                        access,
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FewDescriptors.class.getName(),
                        directory.toString(),
                        String.valueOf(count),
                        String.valueOf(length),
                        String.valueOf(shift)))
                .redirectErrorStream(true)
                .start();
        String output = new String(child.getInputStream().readAllBytes(), US_ASCII);
        assertEquals(0, child.waitFor(), output);
        assertTrue(output.endsWith("held\n"), output);
    }

    // --- each call that needs a descriptor gets none ---

    private int callsToFailure;

    private void needDescriptor(Path path) throws IOException {
        // Three in a row: a single one is made good by closing files that nobody uses.
        if (--callsToFailure <= 0 && callsToFailure > -3) {
            throw new OutOfDescriptorsException("opening", path);
        }
    }

    @Test
    void whateverCallGetsNoDescriptorTheStoreGoesOn() throws Exception {
        Logger.getLogger("dev.penstock.store").setLevel(Level.OFF);
        try {
            int call = 0;
            boolean failed = true;
            while (failed) {
                callsToFailure = ++call;
                try (Arena arena = Arena.ofConfined()) {
                    failed = liveOneLife(new SimulatedDisk(arena));
                }
            }
            assertTrue(call > 15, call + " calls");
        } finally {
            Logger.getLogger("dev.penstock.store").setLevel(null);
        }
    }

    /** Whether there was a call to fail. */
    private boolean liveOneLife(SimulatedDisk simulated) throws Exception {
        Path place = directory;
        WatchedDisk disk = new WatchedDisk(simulated, new WatchedDisk.Watcher() {
            @Override
            public void before(WatchedDisk.Call call, Path path) throws IOException {
                if (call == WatchedDisk.Call.CREATE || call == WatchedDisk.Call.FORCE_DIRECTORY) {
                    needDescriptor(path);
                }
            }

            @Override
            public void beforeOpening(Path path) throws IOException {
                needDescriptor(path);
            }
        });
        new StoreCreation(StoreCreation.openDirectory(simulated, place, true))
                .create(new Identity(new UUID(5, 6), SEGMENT_SHIFT));
        Map<String, byte[]> acknowledged = new HashMap<>();
        ManualThreads threads = new ManualThreads();
        Store[] opened = new Store[1];
        for (int attempts = 0; opened[0] == null; attempts++) {
            assertTrue(attempts < 4, "does not open");
            attempt(() -> opened[0] = Store.open(disk, place, StoreOptions.defaults(), threads));
        }
        Store store = opened[0];
        for (int i = 0; i < 12; i++) {
            put(store, acknowledged, "key" + i % 5, random(i % 3 == 0 ? LARGE : 20_000, i));
            attempt(store::sync);
            attempt(() -> threads.work());
        }
        attempt(() -> store.compact((done, total) -> attempt(() -> threads.work())));
        boolean failed = callsToFailure <= 0;
        callsToFailure = Integer.MAX_VALUE;
        // With descriptors again everything works, and nothing is missing.
        store.sync();
        put(store, acknowledged, "last", random(LARGE, 99));
        assertTrue(acknowledged.containsKey("last"));
        threads.work();
        store.close();
        ManualThreads others = new ManualThreads();
        try (Store again = Store.open(simulated, place, StoreOptions.defaults(), others)) {
            for (Map.Entry<String, byte[]> entry : acknowledged.entrySet()) {
                assertArrayEquals(entry.getValue(), again.getBytes(bytes(entry.getKey())), entry.getKey());
            }
        }
        return failed;
    }

    private static void put(Store store, Map<String, byte[]> acknowledged, String key, byte[] value) {
        attempt(() -> {
            store.put(bytes(key), value);
            acknowledged.put(key, value);
        });
    }

    private interface Action {
        void run() throws Exception;
    }

    private static void attempt(Action action) {
        try {
            action.run();
        } catch (StoreFailedException failed) {
            throw failed;
        } catch (StoreException | IOException refused) {
            assertTrue(String.valueOf(refused.getMessage()).contains("ulimit -n"), refused.toString());
        } catch (Exception other) {
            throw new AssertionError(other);
        }
    }

    /** The space after the records of sealed segments is given back at the next open then. */
    @Test
    void aCloseThatHasNothingToForceNeedsNoDescriptor() throws Exception {
        Logger.getLogger("dev.penstock.store").setLevel(Level.OFF);
        AtomicBoolean none = new AtomicBoolean();
        WatchedDisk disk = new WatchedDisk(new WatchedDisk.Watcher() {
            @Override
            public void before(WatchedDisk.Call call, Path path) throws IOException {
                if (call == WatchedDisk.Call.CREATE) {
                    beforeOpening(path);
                }
            }

            @Override
            public void beforeOpening(Path path) throws IOException {
                if (none.get()) {
                    throw new OutOfDescriptorsException("opening", path);
                }
            }
        });
        Path place = directory.resolve("store");
        StoreOptions small = StoreOptions.defaults().withSegmentSize(1 << 20).withCompactionRate(0);
        try {
            Store store = Store.open(disk, place, small, new ManualThreads());
            for (int i = 0; i < 300; i++) {
                store.put(bytes("key" + i), random(20_000, i));
            }
            store.sync();
            none.set(true);
            for (int i = 0; i < 100; i++) {
                // Each attempt has one more idle file closed.
                attempt(() -> store.put(bytes("large"), new byte[LARGE * 10]));
            }
            store.close();
        } finally {
            Logger.getLogger("dev.penstock.store").setLevel(null);
        }
        assertTrue(bytesOf(place) > 6 << 20, "nothing was left to give back");
        try (Store store = Store.open(place, small)) {
            for (int i = 0; i < 300; i++) {
                assertArrayEquals(random(20_000, i), store.getBytes(bytes("key" + i)));
            }
        }
    }

    private static long bytesOf(Path place) throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.list(place)) {
            for (Path file : files.toList()) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }

    // --- what waits to be deleted ---

    /** The background never works here; writers see to it that no more than some hundred files wait. */
    @Test
    void supersededValuesDoNotPileUp() throws Exception {
        Path place = directory.resolve("store");
        Files.createDirectories(place);
        new StoreCreation(new SystemDisk().openDirectory(place)).create(new Identity(new UUID(5, 7), SEGMENT_SHIFT));
        try (Store store = Store.open(new SystemDisk(), place, StoreOptions.defaults(), new ManualThreads())) {
            for (int i = 0; i < 400; i++) {
                store.put(bytes("key"), random(LARGE, i));
            }
            assertTrue(valueFiles(place) <= 300, valueFiles(place) + " files");
            assertArrayEquals(random(LARGE, 399), store.getBytes(bytes("key")));
        }
        assertEquals(1, valueFiles(place));
    }

    private static long valueFiles(Path place) throws IOException {
        try (Stream<Path> files = Files.list(place)) {
            return files.filter(file -> file.toString().endsWith(".value")).count();
        }
    }
}
