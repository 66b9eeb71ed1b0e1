package dev.penstock.store.repair;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.MemoryBackedDirectory;
import dev.penstock.store.NotAStoreException;
import dev.penstock.store.Store;
import dev.penstock.store.StoreException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WatchedDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A repair that is killed or fails before any call that changes the disk leaves a complete store in its target, or
 * none. The target of one that failed can be used again.
 */
class InterruptedRepairTest {

    private static final StoreOptions OPTIONS =
            StoreOptions.defaults().withSegmentSize(1 << 20).withCompactionRate(0);
    private static final StoreOptions EXISTING = OPTIONS.withCreateIfMissing(false);
    private static final int KEY_COUNT = 4;

    @TempDir(factory = MemoryBackedDirectory.class)
    Path temporary;

    private Path damaged;
    private Path target;
    private int calls;

    @BeforeEach
    void create() throws IOException {
        damaged = temporary.resolve("store");
        target = temporary.resolve("new");
        try (Store store = Store.open(damaged, OPTIONS)) {
            for (int i = 0; i < KEY_COUNT; i++) {
                store.put(bytes("key" + i), random(1_000, i));
            }
            store.put(bytes("large"), random(300_000, 99));
        }
        Files.delete(damaged.resolve("STORE"));
    }

    @Test
    void aRepairThatIsKilledLeavesACompleteStoreOrNone() throws IOException {
        int complete = 0;
        int killed = 0;
        WatchedDisk disk = new WatchedDisk((call, path) -> {
            calls++;
            copyTree(target, temporary.resolve("killed" + calls));
        });
        StoreRepair.repair(disk, damaged, target, false, RepairListener.NONE);
        for (int call = 1; call <= calls; call++) {
            Path left = temporary.resolve("killed" + call);
            if (Files.exists(left)) {
                killed++;
                complete += isComplete(left, "killed before call " + call) ? 1 : 0;
                deleteTree(left);
            }
        }
        assertTrue(killed > 20, killed + " calls");
        assertTrue(complete > 0 && complete < killed, complete + " of " + killed + " are complete");
    }

    @Test
    void aRepairThatFailsLeavesACompleteStoreOrATargetThatCanBeUsedAgain() throws IOException {
        int refused = 0;
        boolean failed = true;
        for (int failing = 1; failed; failing++) {
            int first = failing;
            calls = 0;
            WatchedDisk disk = new WatchedDisk((call, path) -> {
                if (++calls == first) {
                    throw new IOException("Input/output error");
                }
            });
            try {
                StoreRepair.repair(disk, damaged, target, false, RepairListener.NONE);
            } catch (StoreException e) {
                refused++;
            }
            failed = calls >= first;
            String what = "failing call " + first;
            if (!Files.exists(target) || !isComplete(target, what)) {
                StoreRepair.repair(damaged, target, false, RepairListener.NONE);
                assertTrue(isComplete(target, what));
            }
            deleteTree(target);
        }
        assertTrue(refused > 20, refused + " failures");
    }

    /** Whether there is a store, which then holds everything. */
    private static boolean isComplete(Path directory, String what) {
        try (Store store = Store.open(directory, EXISTING.withReadOnly(true))) {
            assertEquals(KEY_COUNT + 1, store.count(), what);
            for (int i = 0; i < KEY_COUNT; i++) {
                assertArrayEquals(random(1_000, i), store.getBytes(bytes("key" + i)), what);
            }
            assertArrayEquals(random(300_000, 99), store.getBytes(bytes("large")), what);
            return true;
        } catch (NotAStoreException none) {
            assertThrows(NotAStoreException.class, () -> Store.open(directory, EXISTING), what);
            return false;
        }
    }

    private static void copyTree(Path from, Path to) throws IOException {
        if (!Files.exists(from)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Files.copy(path, to.resolve(from.relativize(path)));
            }
        }
    }

    private static void deleteTree(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
    }
}
