package dev.penstock.store.repair;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.MemoryBackedDirectory;
import dev.penstock.store.NotAStoreException;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.check.Finding;
import dev.penstock.store.check.FindingCode;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.check.VerifyReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a repair does about each kind of damage, and what it refuses. */
class StoreRepairTest {

    private static final StoreOptions OPTIONS =
            StoreOptions.defaults().withSegmentSize(1 << 20).withCompactionRate(0);
    private static final String FIRST_LOG = "0000000001.log";

    @TempDir(factory = MemoryBackedDirectory.class)
    Path temporary;

    private final List<Loss> losses = new ArrayList<>();
    private final List<String> doubtful = new ArrayList<>();
    private int repairs;

    /** Three segments and more, a large value, and a removed key whose value is in the first segment. */
    private Path store() {
        Path directory = temporary.resolve("store");
        try (Store store = Store.open(directory, OPTIONS)) {
            store.put(bytes("removed"), bytes("must not come back"));
            store.put(bytes("changed"), bytes("old"));
            for (int i = 0; i < 30; i++) {
                store.put(bytes("key" + i), random(100_000, i));
            }
            store.put(bytes("large"), random(300_000, 99));
            store.remove(bytes("removed"));
            store.put(bytes("changed"), bytes("new"));
        }
        return directory;
    }

    private RepairReport repair(Path directory, boolean strict) {
        losses.clear();
        doubtful.clear();
        return StoreRepair.repair(directory, target(), strict, new RepairListener() {
            @Override
            public void progress(long doneBytes, long totalBytes) {}

            @Override
            public void lost(Loss loss) {
                losses.add(loss);
            }

            @Override
            public void doubtful(byte[] key, String file, long offset) {
                doubtful.add(new String(key, UTF_8));
            }
        });
    }

    private Path target() {
        return temporary.resolve("new" + ++repairs);
    }

    private Store repaired() {
        return Store.open(temporary.resolve("new" + repairs), OPTIONS.withVerifyOnRead(true));
    }

    private List<FindingCode> codes() {
        return losses.stream().map(Loss::code).toList();
    }

    private static void flip(Path file, int offset) throws IOException {
        byte[] content = Files.readAllBytes(file);
        content[offset] ^= 1;
        Files.write(file, content);
    }

    private static int offsetOf(Path file, String text) throws IOException {
        return new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1).indexOf(text);
    }

    @Test
    void aSoundStoreIsCopiedWhole() {
        RepairReport report = repair(store(), true);
        assertTrue(report.isComplete());
        assertEquals(List.of(), losses);
        assertEquals(32, report.salvagedKeys());
        try (Store store = repaired()) {
            assertNull(store.getBytes(bytes("removed")));
            assertArrayEquals(random(300_000, 99), store.getBytes(bytes("large")));
        }
    }

    @Test
    void withoutStoreFileHeadersAndCheckpointEverythingIsFoundByTheRecords() throws IOException {
        Path directory = store();
        Files.delete(directory.resolve("STORE"));
        Files.delete(directory.resolve("CHECKPOINT"));
        flip(directory.resolve(FIRST_LOG), 20);
        RepairReport report = repair(directory, true);
        assertEquals(32, report.salvagedKeys());
        assertTrue(codes().contains(FindingCode.STORE_FILE_DAMAGED));
        assertTrue(codes().contains(FindingCode.SEGMENT_HEADER_DAMAGED));
        assertEquals(List.of(), doubtful);
    }

    /** The records that removed its keys are gone, and so is the one that retired it: only the headers tell. */
    @Test
    void aFileThatPrecedesTheLogBringsNoKeyBackThoughTheLastHeaderIsDamaged() throws IOException {
        Path directory = store();
        Path kept = Files.copy(directory.resolve(FIRST_LOG), temporary.resolve("kept"));
        try (Store store = Store.open(directory, OPTIONS)) {
            for (int round = 1; round < 6; round++) {
                for (int i = 0; i < 30; i++) {
                    store.put(bytes("key" + i), random(100_000, i));
                }
                store.put(bytes("changed"), bytes("round " + round));
                store.compact(ProgressListener.NONE);
            }
        }
        Files.copy(kept, directory.resolve(FIRST_LOG));
        VerifyReport before = StoreVerifier.verify(directory, ProgressListener.NONE);
        flip(lastLog(directory), 20);
        VerifyReport after = StoreVerifier.verify(directory, ProgressListener.NONE);
        assertEquals(
                List.of(FindingCode.SEGMENT_HEADER_DAMAGED),
                after.findings().stream().map(Finding::code).toList());
        assertEquals(before.recordCount(), after.recordCount());
        RepairReport report = repair(directory, false);
        assertEquals(List.of(FindingCode.SEGMENT_HEADER_DAMAGED), codes());
        assertEquals(32, report.salvagedKeys());
        try (Store store = repaired()) {
            assertNull(store.getBytes(bytes("removed")));
            assertArrayEquals(bytes("round 5"), store.getBytes(bytes("changed")));
        }
    }

    private static Path lastLog(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        }
    }

    @Test
    void aLostSegmentTakesNothingElseAndTheCheckpointTellsWhatWasRemoved() throws IOException {
        Path directory = store();
        Files.delete(directory.resolve("0000000002.log"));
        RepairReport report = repair(directory, true);
        assertEquals(List.of(FindingCode.SEGMENT_MISSING), codes());
        assertEquals(32 - report.unreadableKeys(), report.salvagedKeys());
        assertTrue(report.unreadableKeys() >= 5, report.toString());
        assertEquals(0, report.doubtfulKeys());
    }

    @Test
    void withoutACheckpointKeysBeforeALostSegmentAreInDoubt() throws IOException {
        Path directory = store();
        Files.delete(directory.resolve("CHECKPOINT"));
        Files.delete(directory.resolve("0000000003.log"));
        RepairReport report = repair(directory, false);
        assertEquals(-1, report.unreadableKeys());
        assertTrue(doubtful.contains("removed"), "its removal is lost: " + doubtful);
        assertTrue(doubtful.contains("changed"));
        try (Store store = repaired()) {
            assertArrayEquals(bytes("must not come back"), store.getBytes(bytes("removed")));
        }
        repair(directory, true);
        try (Store store = repaired()) {
            assertNull(store.getBytes(bytes("removed")), "a strict repair leaves it out");
        }
    }

    @Test
    void aDamagedValueIsReportedWithItsKeyAndNoOlderOneTakesItsPlace() throws IOException {
        Path directory = store();
        Path last = directory.resolve("0000000003.log");
        int value = offsetOf(last, "$3\r\nnew");
        flip(last, value + 4);
        RepairReport report = repair(directory, false);
        assertEquals(List.of(FindingCode.VALUE_DAMAGED), codes());
        assertArrayEquals(bytes("changed"), losses.getFirst().key());
        assertEquals("0000000003.log", losses.getFirst().file());
        assertEquals(1, report.lostValues());
        try (Store store = repaired()) {
            assertNull(store.getBytes(bytes("changed")));
        }
    }

    @Test
    void aLostValueFileIsReportedWithItsKey() throws IOException {
        Path directory = store();
        Files.delete(directory.resolve("0000000001.value"));
        assertEquals(31, repair(directory, true).salvagedKeys());
        assertEquals(List.of(FindingCode.VALUE_FILE_DAMAGED), codes());
        assertArrayEquals(bytes("large"), losses.getFirst().key());
    }

    @Test
    void aLargeValueWhoseReferenceIsLostIsSalvagedFromItsFile() throws IOException {
        Path directory = store();
        Files.delete(directory.resolve("0000000003.log"));
        RepairReport report = repair(directory, true);
        assertEquals(1, report.recoveredValueFiles());
        try (Store store = repaired()) {
            assertArrayEquals(random(300_000, 99), store.getBytes(bytes("large")));
            assertNull(store.getBytes(bytes("removed")));
        }
    }

    @Test
    void theSegmentSizeIsFoundOut() throws IOException {
        Path directory = temporary.resolve("wide");
        try (Store store = Store.open(directory, StoreOptions.defaults().withSegmentSize(1 << 24))) {
            store.put(bytes("a"), bytes("b"));
        }
        Files.delete(directory.resolve("STORE"));
        assertEquals(1, repair(directory, true).salvagedKeys());
        assertTrue(losses.getFirst().problem().contains("16777216 bytes"), losses.toString());
    }

    @Test
    void nothingIsOverwrittenAndTheOriginalIsNotTouched() throws IOException {
        Path directory = store();
        Map<String, byte[]> before = contents(directory);
        Path taken = Files.createDirectory(temporary.resolve("taken"));
        Files.writeString(taken.resolve("notes"), "mine");
        assertThrows(NotAStoreException.class, () -> StoreRepair.repair(directory, taken, false, RepairListener.NONE));
        assertThrows(
                NotAStoreException.class, () -> StoreRepair.repair(directory, directory, false, RepairListener.NONE));
        assertThrows(
                NotAStoreException.class,
                () -> StoreRepair.repair(directory, directory.resolve("in"), false, RepairListener.NONE));
        assertEquals(1, contents(taken).size());
        Map<String, byte[]> after = contents(directory);
        assertEquals(before.keySet(), after.keySet());
        before.forEach((name, content) -> assertArrayEquals(content, after.get(name), name));
    }

    @Test
    void whatIsNoStoreIsRefused() throws IOException {
        Path photos = Files.createDirectory(temporary.resolve("photos"));
        Files.writeString(photos.resolve("cat.jpg"), "meow");
        assertThrows(NotAStoreException.class, () -> repair(photos, false));
        Files.write(photos.resolve(FIRST_LOG), random(5_000, 1));
        CorruptionException unknown = assertThrows(CorruptionException.class, () -> repair(photos, false));
        assertTrue(unknown.getMessage().contains("nothing can be salvaged"), unknown.getMessage());
        assertFalse(Files.exists(temporary.resolve("new" + repairs)));
    }

    @Test
    void aValueThatLooksLikeRecordsIsNotTakenForThem() throws IOException {
        Path directory = temporary.resolve("inner");
        try (Store store = Store.open(directory, OPTIONS)) {
            store.put(bytes("a"), bytes("b"));
        }
        byte[] log = Files.readAllBytes(directory.resolve(FIRST_LOG));
        Path outer = temporary.resolve("outer");
        try (Store store = Store.open(outer, OPTIONS)) {
            store.put(bytes("dump"), log);
        }
        flip(outer.resolve(FIRST_LOG), 70);
        assertEquals(0, repair(outer, false).salvagedKeys());
    }

    /** A long run of bytes that each look like the beginning of a record with a long key. */
    @Test
    void bytesMadeToLookLikeRecordsTakeLittleTime() throws IOException {
        Path directory = store();
        fillWithLongHeaders(directory.resolve(FIRST_LOG));
        assertTrue(repair(directory, false).salvagedKeys() > 15);
    }

    /** The same where the segment size has to be found out from the records. */
    @Test
    void bytesMadeToLookLikeRecordsTakeLittleTimeWithoutTheStoreFile() throws IOException {
        Path directory = store();
        Files.delete(directory.resolve("STORE"));
        for (int copy = 0; copy < 20; copy++) {
            Path file = directory.resolve("00000001%02d.log".formatted(copy));
            Files.copy(directory.resolve(FIRST_LOG), file);
            fillWithLongHeaders(file);
        }
        assertTimeout(
                Duration.ofSeconds(20),
                () -> assertTrue(repair(directory, false).salvagedKeys() > 15));
    }

    private static void fillWithLongHeaders(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        for (int at = 64; at + 8 <= content.length; at += 8) {
            Arrays.fill(content, at, at + 8, (byte) 0);
            content[at + 2] = 1;
            content[at + 3] = 0x20;
        }
        Files.write(file, content);
    }

    private static Map<String, byte[]> contents(Path directory) throws IOException {
        Map<String, byte[]> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                contents.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return contents;
    }
}
