package dev.penstock.store.internal.io;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreLockedException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueView;
import dev.penstock.store.check.Finding;
import dev.penstock.store.check.FindingCode;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.repair.RepairListener;
import dev.penstock.store.repair.StoreRepair;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store works where mapped files resist, as on Windows: what is refused is done later, and nothing is lost. */
class MappedFileRulesTest {

    private static final StoreOptions OPTIONS = StoreOptions.defaults().withSegmentSize(1 << 20);

    @TempDir
    Path root;

    private final MappedFileRules disk = new MappedFileRules();

    private Store open() {
        return StoreAccess.open(disk, root.resolve("store"), OPTIONS);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(root.resolve("store"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static void fill(Store store, int round) {
        for (int i = 0; i < 40; i++) {
            store.put(bytes("key" + i), random(100_000, i + round * 1_000));
        }
        store.put(bytes("large"), random(3 << 20, round));
    }

    private static void check(Store store, int round) {
        for (int i = 0; i < 40; i++) {
            assertArrayEquals(random(100_000, i + round * 1_000), store.getBytes(bytes("key" + i)));
        }
        assertArrayEquals(random(3 << 20, round), store.getBytes(bytes("large")));
    }

    @Test
    void aStoreDoesEverythingAndLeavesNoFileBehind() throws IOException {
        try (Store store = open()) {
            fill(store, 1);
            check(store, 1);
            fill(store, 2);
            store.compact(ProgressListener.NONE);
            check(store, 2);
            store.sync();
            store.backup(root.resolve("backup"), ProgressListener.NONE);
            store.backup(root.resolve("backup"), ProgressListener.NONE);
        }
        assertTrue(disk.refusedDeletions() > 0, "nothing was refused");
        assertEquals(0, disk.ignoredForces(), "a file was not forced");
        List<String> afterClose = files();
        try (Store store = open()) {
            check(store, 2);
            store.remove(bytes("large"));
        }
        try (Store store = StoreAccess.open(disk, root.resolve("backup"), OPTIONS)) {
            check(store, 2);
        }
        assertTrue(StoreVerifier.verify(root.resolve("store"), ProgressListener.NONE)
                .isSound());
        assertTrue(
                afterClose.stream().filter(name -> name.endsWith(".value")).count() == 1,
                "a superseded value was left: " + afterClose);
        assertEquals(
                List.of(),
                files().stream().filter(name -> name.endsWith(".value")).toList());
    }

    @Test
    void aViewKeepsTheFileOfAValueThatIsRemovedUntilItIsClosed() throws IOException {
        byte[] large = random(3 << 20, 7);
        try (Store store = open()) {
            store.put(bytes("large"), large);
            try (ValueView view = store.get(bytes("large"))) {
                assertEquals(large[0], view.getByte(0));
                store.remove(bytes("large"));
                store.sync();
                assertArrayEquals(large, view.toByteArray());
            }
            assertNull(store.getBytes(bytes("large")));
        }
        assertEquals(
                List.of(),
                files().stream().filter(name -> name.endsWith(".value")).toList());
    }

    @Test
    void whatIsRefusedWhenTheProcessEndsIsRemovedByTheNextOwner() throws IOException {
        Path directory = root.resolve("store");
        Path copies = Files.createDirectory(root.resolve("copies"));
        List<String> before;
        try (Store store = open()) {
            fill(store, 1);
            store.sync();
            before = files();
            for (String name : before) {
                Files.copy(directory.resolve(name), copies.resolve(name));
            }
            fill(store, 2);
            store.compact(ProgressListener.NONE);
        }
        List<String> superseded = new ArrayList<>(before);
        superseded.removeAll(files());
        assertTrue(superseded.stream().anyMatch(name -> name.endsWith(".log")), () -> before + " -> " + superseded);
        assertTrue(superseded.stream().anyMatch(name -> name.endsWith(".value")), () -> before + " -> " + superseded);
        // As if the last attempt to delete them had been refused, too.
        for (String name : superseded) {
            Files.copy(copies.resolve(name), directory.resolve(name));
        }
        try (Store store = open()) {
            check(store, 2);
            // Segments that hold nothing current are left to a compaction if the log goes through them.
            store.compact(ProgressListener.NONE);
        }
        List<String> after = files();
        superseded.forEach(name -> assertFalse(after.contains(name), () -> superseded + " -> " + after));
    }

    /** The records that removed its keys are gone: what it says must not count, whatever else is lost. */
    @Test
    void aFileThatWasNotDeletedBringsNoRemovedKeyBack() throws IOException {
        Path directory = root.resolve("store");
        Path copies = Files.createDirectory(root.resolve("copies"));
        try (Store store = open()) {
            store.put(bytes("removed"), bytes("value"));
            fill(store, 1);
            store.sync();
            for (String name : List.of("0000000001.log", "0000000002.log")) { // sealed, as all that is retired
                Files.copy(directory.resolve(name), copies.resolve(name));
            }
            store.remove(bytes("removed"));
            for (int round = 2; round < 6; round++) {
                fill(store, round);
                store.compact(ProgressListener.NONE);
            }
        }
        for (String name : List.of("0000000001.log", "0000000002.log")) {
            Files.copy(copies.resolve(name), directory.resolve(name));
        }
        Files.delete(directory.resolve("CHECKPOINT"));
        assertEquals(
                List.of(FindingCode.CHECKPOINT_UNUSABLE),
                StoreVerifier.verify(directory, ProgressListener.NONE).findings().stream()
                        .map(Finding::code)
                        .toList());
        StoreRepair.repair(directory, root.resolve("repaired"), false, RepairListener.NONE);
        try (Store store = Store.open(root.resolve("repaired"))) {
            assertNull(store.getBytes(bytes("removed")));
            check(store, 5);
        }
        try (Store store = open()) {
            assertNull(store.getBytes(bytes("removed")));
            check(store, 5);
        }
        assertFalse(files().contains("0000000001.log"), "what precedes the log is left");
    }

    @Test
    void aSealedSegmentKeepsItsLengthAndTheStoreOpens() throws IOException {
        try (Store store = open()) {
            fill(store, 1);
        }
        assertTrue(disk.refusedCuts() > 0, "nothing was refused");
        try (Store store = open()) {
            check(store, 1);
            fill(store, 2);
        }
        try (Store store = open()) {
            check(store, 2);
        }
    }

    @Test
    void aSecondOwnerIsRefusedWithoutFileKeys() throws IOException {
        try (Store store = open()) {
            store.put(bytes("key"), bytes("value"));
            assertThrows(StoreLockedException.class, this::open);
            try (Store other = StoreAccess.open(disk, root.resolve("other"), OPTIONS)) {
                other.put(bytes("key"), bytes("another"));
            }
            try (Store follower = StoreAccess.open(disk, root.resolve("store"), OPTIONS.withReadOnly(true))) {
                assertArrayEquals(bytes("value"), follower.getBytes(bytes("key")));
            }
        }
    }

    @Test
    void aRefusedFileIsHiddenAndItsNameIsFreeWhenItIsUnmapped() throws IOException {
        try (DiskDirectory place = disk.openDirectory(root)) {
            try (Arena arena = Arena.ofConfined()) {
                try (DiskFile file = place.create("name")) {
                    file.allocate(4096);
                    file.map(4096, true, arena);
                }
                place.delete("name");
                assertEquals(List.of(), place.list());
                assertThrows(NoSuchFileException.class, () -> place.length("name"));
                assertThrows(NoSuchFileException.class, () -> place.open("name", false));
                assertThrows(FileSystemException.class, () -> place.create("name"));
                assertTrue(Files.exists(root.resolve("name")));
            }
            try (DiskFile again = place.create("name")) {
                assertEquals(0, again.size());
                again.write(ByteBuffer.wrap(bytes("new")), 0);
            }
            assertEquals(List.of("name"), place.list());
        }
        assertEquals(3, Files.size(root.resolve("name")));
    }

    @Test
    void aRefusedFileIsDeletedByTheLastAttemptAtTheLatest() throws IOException {
        DiskDirectory place = disk.openDirectory(root);
        try (Arena arena = Arena.ofConfined();
                DiskFile file = place.create("name")) {
            file.allocate(4096);
            file.map(4096, true, arena);
            place.delete("name");
            assertTrue(Files.exists(root.resolve("name")));
        }
        place.close();
        assertFalse(Files.exists(root.resolve("name")));
    }

    /** A backup forces what it has linked to, and recovery the large values that it has opened. */
    @Test
    void whatWasOpenedForReadingIsForced() throws IOException {
        try (DiskDirectory place = disk.openDirectory(root)) {
            try (DiskFile file = place.create("name")) {
                file.write(ByteBuffer.wrap(bytes("content")), 0);
            }
            try (DiskFile file = place.open("name", false)) {
                int before = disk.effectiveForces();
                file.force();
                assertEquals(before + 1, disk.effectiveForces());
            }
        }
        assertEquals(0, disk.ignoredForces());
    }
}
