package dev.penstock.store.repair;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.MemoryBackedDirectory;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WatchedDisk;
import dev.penstock.store.check.FindingCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of a large value cannot be read: the repair reports the value, and salvages everything else. */
class UnreadableFileTest {

    private static final StoreOptions OPTIONS =
            StoreOptions.defaults().withSegmentSize(1 << 20).withCompactionRate(0);
    private static final String VALUE_FILE = "0000000001.value";
    private static final int ALWAYS = Integer.MAX_VALUE;

    @TempDir(factory = MemoryBackedDirectory.class)
    Path temporary;

    private final List<Loss> losses = new ArrayList<>();
    private Path directory;
    private Path target;

    /** Two segments and more. The large value's reference is in the last one. */
    @BeforeEach
    void create() {
        directory = temporary.resolve("store");
        target = temporary.resolve("new");
        try (Store store = Store.open(directory, OPTIONS)) {
            for (int i = 0; i < 30; i++) {
                store.put(bytes("key" + i), random(100_000, i));
            }
            store.put(bytes("large"), random(300_000, 99));
        }
    }

    /** @param readable how often the file of the large value can be opened */
    private RepairReport repair(int readable) {
        int[] opened = {0};
        WatchedDisk disk = new WatchedDisk(new WatchedDisk.Watcher() {
            @Override
            public void before(WatchedDisk.Call call, Path path) {}

            @Override
            public void beforeOpening(Path path) throws IOException {
                if (path.startsWith(directory) && path.endsWith(VALUE_FILE) && ++opened[0] > readable) {
                    throw new IOException("Input/output error");
                }
            }
        });
        RepairReport report = StoreRepair.repair(disk, directory, target, false, new RepairListener() {
            @Override
            public void progress(long doneBytes, long totalBytes) {}

            @Override
            public void lost(Loss loss) {
                losses.add(loss);
            }
        });
        assertTrue(readable == ALWAYS || opened[0] > readable, "opened " + opened[0] + " times");
        return report;
    }

    private void assertIsLost(RepairReport report) {
        Loss loss = losses.getLast();
        assertEquals(FindingCode.VALUE_FILE_DAMAGED, loss.code());
        assertEquals(VALUE_FILE, loss.file());
        assertArrayEquals(bytes("large"), loss.key());
        assertEquals(1, report.lostValues());
        try (Store store = Store.open(target, OPTIONS)) {
            assertNull(store.getBytes(bytes("large")));
            assertArrayEquals(random(100_000, 1), store.getBytes(bytes("key1")));
        }
    }

    @Test
    void aValueWithAReferenceIsReported() {
        assertIsLost(repair(2)); // the search for the identity and the check of the header succeed
    }

    @Test
    void aValueWhoseReferenceIsLostIsReported() throws IOException {
        Files.delete(directory.resolve("0000000003.log"));
        RepairReport report = repair(2);
        assertIsLost(report);
        assertEquals(0, report.recoveredValueFiles());
    }

    @Test
    void aDamagedValueWhoseReferenceIsLostIsReported() throws IOException {
        Files.delete(directory.resolve("0000000003.log"));
        byte[] content = Files.readAllBytes(directory.resolve(VALUE_FILE));
        content[content.length / 2] ^= 1;
        Files.write(directory.resolve(VALUE_FILE), content);
        RepairReport report = repair(ALWAYS);
        assertIsLost(report);
        assertEquals(0, report.recoveredValueFiles());
    }
}
