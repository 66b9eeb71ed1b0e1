package dev.penstock.store.threat.place;

import static dev.penstock.store.StoreTest.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.ManualThreads;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreException;
import dev.penstock.store.StoreFailedException;
import dev.penstock.store.StoreIoException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.StoreTest;
import dev.penstock.store.WatchedDisk;
import dev.penstock.store.internal.background.AgentThread;
import dev.penstock.store.internal.io.SystemDisk;
import dev.penstock.store.threat.fulldisk.SmallFileSystem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A store writes to the directory that was opened and to no other, and fails when its path leads elsewhere. */
class PlaceTest {

    private static final StoreOptions SMALL = StoreOptions.defaults().withSegmentSize(1 << 20);

    @TempDir
    Path root;

    /** What becomes of the path while a store is open. */
    private interface Change {

        void make() throws IOException;
    }

    private static void fill(Store store, int segments) {
        for (int i = 0; i < segments * 1_000; i++) {
            store.put(bytes("key" + i), new byte[1_000]);
        }
        store.put(bytes("large"), new byte[2 << 20]);
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** Writes on until the store says that its directory is lost, and closes it, which must say so too. */
    private static void assertFails(Store store, Change change) throws IOException {
        store.put(bytes("before"), bytes("value"));
        store.sync();
        change.make();
        StoreException failed = assertThrows(StoreFailedException.class, () -> {
            fill(store, 3);
            store.sync();
        });
        assertTrue(failed.getMessage().contains("director"), failed.getMessage());
        assertThrows(StoreFailedException.class, () -> store.put(bytes("after"), bytes("value")));
        assertArrayEquals(bytes("value"), store.getBytes(bytes("before")), "reads go on");
        StoreFailedException atClose = assertThrows(StoreFailedException.class, store::close);
        assertEquals(failed.getMessage(), atClose.getMessage());
    }

    private static void assertHolds(Path directory, String key, boolean expected) {
        try (Store store = Store.open(directory)) {
            assertEquals(expected, store.contains(bytes(key)), key + " in " + directory);
        }
    }

    @Test
    void aSymbolicLinkThatIsSwitchedLeadsNoWriteIntoTheOtherStore() throws IOException {
        Path first = Files.createDirectory(root.resolve("first"));
        Path second = root.resolve("second");
        try (Store other = Store.open(second, SMALL)) {
            other.put(bytes("other"), bytes("value"));
        }
        List<String> untouched = names(second);
        Path current = Files.createSymbolicLink(root.resolve("current"), first);
        assertFails(Store.open(current, SMALL), () -> {
            Path next = Files.createSymbolicLink(root.resolve("next"), second);
            Files.move(next, current, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        });
        assertEquals(untouched, names(second));
        assertHolds(second, "other", true);
        assertHolds(second, "before", false);
        assertHolds(first, "before", true);
    }

    @Test
    void aDirectoryMovedAwayAndAnotherRestoredInItsPlaceIsNotWrittenTo() throws IOException {
        Path directory = root.resolve("store");
        Path away = root.resolve("away");
        Store.open(directory, SMALL).close();
        Path restored = root.resolve("restored");
        Store.open(restored, SMALL).close();
        List<String> untouched = names(restored);
        assertFails(Store.open(directory, SMALL), () -> {
            Files.move(directory, away);
            Files.move(restored, directory);
        });
        assertEquals(untouched, names(directory));
        assertHolds(directory, "before", false);
        assertHolds(away, "before", true);
    }

    @Test
    void aDirectoryThatIsGoneIsNotMadeAgain() throws IOException {
        Path directory = root.resolve("store");
        Path away = root.resolve("away");
        assertFails(Store.open(directory, SMALL), () -> Files.move(directory, away));
        assertFalse(Files.exists(directory));
        assertHolds(away, "before", true);
    }

    @Test
    void aFileSystemMountedOverTheDirectoryIsNotWrittenTo() throws IOException {
        Path directory = Files.createDirectory(root.resolve("store"));
        Store store = Store.open(directory, SMALL);
        List<SmallFileSystem> over = new ArrayList<>();
        assertFails(store, () -> over.add(SmallFileSystem.mountTmpfsOver(directory)));
        try {
            assertEquals(List.of(), names(directory));
        } finally {
            over.getFirst().unmount();
        }
        assertHolds(directory, "before", true);
    }

    @Test
    void aRelativePathWithParentsBeyondALinkIsTheDirectoryThatTheSystemFinds() throws IOException {
        Path deep = Files.createDirectories(root.resolve("real/deep"));
        Path link = Files.createSymbolicLink(root.resolve("link"), deep);
        Path here = Path.of("").toAbsolutePath();
        Path path = here.relativize(link).resolve("..").resolve("store");
        try (Store store = Store.open(path)) {
            store.put(bytes("before"), bytes("value"));
        }
        assertHolds(root.resolve("real/store"), "before", true);
        assertFalse(Files.exists(root.resolve("store")), "the parent of the link was taken");
    }

    /** A compaction copies, forces and deletes, each of which resolves a name. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDirectoryThatIsMovedDuringACompactionLosesNothing(boolean movedBack) throws IOException {
        Path path = root.resolve("store");
        Path moved = root.resolve("moved");
        int keys = 6_000;
        Store store = Store.open(path, SMALL.withCompactionRate(0));
        for (int round = 0; round < 2; round++) {
            for (int i = round; i < keys; i += 1 + round) {
                store.put(bytes("key" + i), StoreTest.random(1_000, i + round));
            }
        }
        store.sync();
        AtomicInteger steps = new AtomicInteger();
        try {
            store.compact((done, total) -> {
                if (steps.incrementAndGet() == 2) {
                    move(path, moved);
                    if (movedBack) {
                        move(moved, path);
                    }
                }
            });
            store.close();
            assertTrue(movedBack, "it went on elsewhere");
        } catch (StoreFailedException lost) {
            assertTrue(lost.getMessage().contains("director"), lost.getMessage());
            assertThrows(StoreFailedException.class, store::close);
        }
        assertTrue(steps.get() > 2, steps.get() + " steps");
        if (!movedBack) {
            assertFalse(Files.exists(path), "nothing is made in its place");
        }
        try (Store again = Store.open(movedBack ? path : moved, SMALL)) {
            assertEquals(keys, again.count());
            for (int i = 0; i < keys; i++) {
                boolean second = i % 2 == 1;
                assertArrayEquals(
                        StoreTest.random(1_000, second ? i + 1 : i), again.getBytes(bytes("key" + i)), "key" + i);
            }
        }
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Without a write nothing is forced and no segment is made: a thread of its own finds out. */
    @Test
    void anIdleOwnerFindsOut() throws Exception {
        Path directory = root.resolve("store");
        Store store = StoreAccess.open(new SystemDisk(), directory, SMALL, AgentThread::new);
        store.put(bytes("before"), bytes("value"));
        Files.move(directory, root.resolve("away"));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!StoreAccess.engine(store).failure.isSet()) {
            assertTrue(System.nanoTime() < deadline, "nobody looked");
            Thread.onSpinWait();
        }
        assertThrows(StoreFailedException.class, store::close);
    }

    @Test
    void aCloseOfAStoreThatWasMovedIsNoSuccess() throws IOException {
        Path directory = root.resolve("store");
        Store store = StoreAccess.open(new SystemDisk(), directory, SMALL, new ManualThreads());
        store.put(bytes("before"), bytes("value"));
        Files.move(directory, root.resolve("away"));
        assertThrows(StoreFailedException.class, store::close);
        assertHolds(root.resolve("away"), "before", true);
    }

    @Test
    void aLockThatIsRemovedOrReplacedEndsItsOwner() throws IOException {
        for (boolean replaced : new boolean[] {false, true}) {
            Path directory = root.resolve("store" + replaced);
            Store store = Store.open(directory, SMALL);
            assertFails(store, () -> {
                Files.delete(directory.resolve("LOCK"));
                if (replaced) {
                    Files.createFile(directory.resolve("LOCK"));
                }
            });
            assertHolds(directory, "before", true);
        }
    }

    @Test
    void aFollowerSaysThatItsDirectoryIsGone() throws IOException {
        Path directory = root.resolve("store");
        Store.open(directory).close();
        try (Store follower = Store.open(directory, StoreOptions.defaults().withReadOnly(true))) {
            assertNull(follower.getBytes(bytes("before")));
            Files.move(directory, root.resolve("away"));
            assertThrows(StoreIoException.class, follower::refresh);
        }
    }

    /** ext4 keeps a directory of its own there. */
    @ParameterizedTest
    @EnumSource(SmallFileSystem.Kind.class)
    void aStoreIsMadeAtTheTopOfAFileSystem(SmallFileSystem.Kind kind) throws IOException {
        try (SmallFileSystem mounted = SmallFileSystem.mount(kind, root)) {
            boolean hasLostAndFound = Files.exists(mounted.root.resolve("lost+found"));
            Store.open(mounted.root, SMALL).close();
            try (Store store = Store.open(mounted.root, SMALL)) {
                store.put(bytes("before"), bytes("value"));
            }
            assertHolds(mounted.root, "before", true);
            assertEquals(hasLostAndFound, Files.exists(mounted.root.resolve("lost+found")));
        }
    }

    @Test
    void aCreationLeavesLostAndFoundAloneWhateverItIs() throws IOException {
        Path directory = Files.createDirectory(root.resolve("store"));
        Path found = Files.createDirectory(directory.resolve("lost+found")).resolve("#12");
        Files.writeString(found, "mine");
        Files.writeString(directory.resolve("STORE.tmp"), "cut short");
        Store.open(directory, SMALL).close();
        assertEquals("mine", Files.readString(found));
        Path other = Files.createDirectory(root.resolve("other"));
        Files.writeString(other.resolve("lost+found"), "mine");
        Store.open(other, SMALL).close();
        assertEquals("mine", Files.readString(other.resolve("lost+found")));
    }

    @Test
    void theNamesOfNewParentsAreDurableBeforeAStoreIsInThem() throws IOException {
        List<String> calls = new ArrayList<>();
        WatchedDisk disk = new WatchedDisk((call, path) -> {
            if (call == WatchedDisk.Call.CREATE_DIRECTORY
                    || call == WatchedDisk.Call.FORCE_DIRECTORY
                    || call == WatchedDisk.Call.CREATE) {
                calls.add(call + " " + root.toAbsolutePath().relativize(path.toAbsolutePath()));
            }
        });
        StoreAccess.open(disk, root.resolve("a/b/c"), SMALL).close();
        assertEquals(
                List.of(
                        "FORCE_DIRECTORY ..",
                        "CREATE_DIRECTORY a",
                        "FORCE_DIRECTORY ",
                        "CREATE_DIRECTORY a/b",
                        "FORCE_DIRECTORY a",
                        "CREATE_DIRECTORY a/b/c",
                        "FORCE_DIRECTORY a/b",
                        "FORCE_DIRECTORY a/b",
                        "CREATE a/b/c/STORE.tmp"),
                calls.subList(0, 9));
    }
}
