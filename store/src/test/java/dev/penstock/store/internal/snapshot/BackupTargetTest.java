package dev.penstock.store.internal.snapshot;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.MemoryBackedDirectory;
import dev.penstock.store.NotAStoreException;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreException;
import dev.penstock.store.StoreLockedException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.TestJvm;
import dev.penstock.store.WatchedDisk;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.threat.fulldisk.SmallFileSystem;
import dev.penstock.store.threat.power.BackupPowerLossTest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in the target of a backup or a copy, and who else uses it. */
public class BackupTargetTest {

    private static final StoreOptions OPTIONS =
            StoreOptions.defaults().withSegmentSize(1 << 20).withVerifyOnRead(true);

    @TempDir(factory = MemoryBackedDirectory.class)
    Path temporary;

    private Path target;
    private Store store;

    /** Told before each call that changes the target; may throw in its place. */
    private WatchedDisk.Watcher watcher = (call, path) -> {};

    @BeforeEach
    void fill() {
        target = temporary.resolve("backup");
        store = StoreAccess.open(
                new WatchedDisk((call, path) -> {
                    if (path.startsWith(target)) {
                        watcher.before(call, path);
                    }
                }),
                temporary.resolve("store"),
                OPTIONS);
        for (int i = 0; i < 1500; i++) {
            store.put(bytes("key" + i), random(900, i));
        }
        put("old");
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void put(String version) {
        store.put(bytes("version"), bytes(version));
        store.put(bytes("large"), random(300_000, version.hashCode()));
    }

    /** What continues in the target while a backup copies. */
    private interface Meanwhile {
        void happens() throws Exception;
    }

    private void backupWhile(Meanwhile meanwhile) {
        boolean[] done = {false};
        store.backup(target, (doneBytes, totalBytes) -> {
            if (!done[0]) {
                done[0] = true;
                try {
                    meanwhile.happens();
                } catch (IOException | RuntimeException e) {
                    throw new AssertionError(e);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        assertTrue(done[0]);
    }

    // --- others ---

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void twoBackupsIntoOneTargetExcludeEachOther(boolean hasOlder) {
        if (hasOlder) {
            store.backup(target, ProgressListener.NONE);
            put("new");
        }
        backupWhile(() -> {
            assertThrows(StoreLockedException.class, () -> store.backup(target, ProgressListener.NONE));
            // It is neither free nor empty.
            assertThrows(StoreException.class, () -> store.copyTo(target, ProgressListener.NONE));
        });
        assertIsBackup(hasOlder ? "new" : "old");
    }

    @Test
    void aStoreCannotBeMadeOrOpenedForWritingInTheTargetMeanwhile() {
        // What is being made there is nobody's to make a store of.
        backupWhile(() -> assertThrows(NotAStoreException.class, () -> Store.open(target, OPTIONS)));
        put("new");
        backupWhile(() -> assertThrows(StoreLockedException.class, () -> Store.open(target, OPTIONS)));
        assertIsBackup("new");
    }

    @Test
    void anotherProcessIsExcludedToo() throws Exception {
        store.sync();
        Process other = new ProcessBuilder(TestJvm.command(
                        "-cp",
                        System.getProperty("java.class.path"),
                        WaitingBackup.class.getName(),
                        store.directory().toString(),
                        target.toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out = other.inputReader()) {
            assertEquals("copying", out.readLine());
            assertThrows(StoreLockedException.class, () -> store.backup(target, ProgressListener.NONE));
            assertThrows(StoreException.class, () -> Store.open(target, OPTIONS));
            other.getOutputStream().close();
            assertEquals("done", out.readLine());
            assertEquals(0, other.waitFor());
        } finally {
            other.destroyForcibly();
        }
        assertIsBackup("old");
        put("new");
        store.backup(target, ProgressListener.NONE);
        assertIsBackup("new");
    }

    /** A backup in a process of its own that waits, in the middle, for the end of its input. */
    static final class WaitingBackup {
        private WaitingBackup() {}

        public static void main(String[] arguments) {
            try (Store store = Store.open(Path.of(arguments[0]), OPTIONS.withReadOnly(true))) {
                boolean[] waited = {false};
                store.backup(Path.of(arguments[1]), (done, total) -> {
                    if (!waited[0]) {
                        waited[0] = true;
                        System.out.println("copying");
                        try {
                            while (System.in.read() >= 0) {}
                        } catch (IOException e) {
                            throw new IllegalStateException(e);
                        }
                    }
                });
            }
            System.out.println("done");
        }
    }

    // --- what belongs to others ---

    @ParameterizedTest
    @ValueSource(
            strings = {"letter.txt", "photos/", "0000000009.log/", "STORE.bak", ".hidden", "BACKUP.partial", "1.log"})
    void whatIsForeignIsRefusedBeforeAnythingIsCopiedAndStays(String name) throws IOException {
        store.backup(target, ProgressListener.NONE);
        Path foreign = target.resolve(name);
        if (name.endsWith("/")) {
            Files.createDirectory(foreign);
        } else {
            Files.writeString(foreign, "mine");
        }
        put("new");
        Set<String> before = names(target);
        NotAStoreException refused = assertThrows(
                NotAStoreException.class,
                () -> store.backup(target, (done, total) -> {
                    throw new AssertionError("something was copied");
                }));
        assertTrue(refused.getMessage().contains(foreign.getFileName().toString()), refused.getMessage());
        assertEquals(before, names(target));
        Files.delete(foreign);
        assertIsBackup("old");
        store.backup(target, ProgressListener.NONE);
        assertIsBackup("new");
    }

    /** Whoever puts it there takes no lock. */
    @Test
    void whatIsForeignAndComesMeanwhileIsNeitherDeletedNorTakenForABackup() throws IOException {
        store.backup(target, ProgressListener.NONE);
        put("new");
        Path letter = target.resolve("letter.txt");
        assertThrows(NotAStoreException.class, () -> backupWhile(() -> Files.writeString(letter, "dear")));
        assertEquals("dear", Files.readString(letter));
        Files.delete(letter);
        assertIsBackup("old");
        Path other = temporary.resolve("other");
        Store.open(other, OPTIONS).close();
        assertThrows(
                NotAStoreException.class,
                () -> backupWhile(() -> Files.copy(
                        other.resolve("STORE"), target.resolve("STORE"), StandardCopyOption.REPLACE_EXISTING)));
        assertArrayEquals(Files.readAllBytes(other.resolve("STORE")), Files.readAllBytes(target.resolve("STORE")));
    }

    @Test
    void aTargetThatIsMovedAwayMeanwhileIsAnErrorAndNothingGoesToWhatIsThereNow() throws IOException {
        store.backup(target, ProgressListener.NONE);
        put("new");
        Path moved = temporary.resolve("moved");
        assertThrows(
                StoreException.class,
                () -> backupWhile(() -> {
                    Files.move(target, moved);
                    Files.createDirectory(target);
                }));
        assertEquals(Set.of(), names(target));
        target = moved;
        assertIsBackup("old");
    }

    @Test
    void aCopyIsForAnEmptyDirectoryAndIsNoBackup() throws IOException {
        store.copyTo(target, ProgressListener.NONE);
        assertVersion("old");
        assertThrows(NotAStoreException.class, () -> store.copyTo(target, ProgressListener.NONE));
        assertThrows(NotAStoreException.class, () -> store.backup(target, ProgressListener.NONE));
        Path files = Files.createDirectory(temporary.resolve("files"));
        Files.writeString(files.resolve("letter.txt"), "dear");
        assertThrows(NotAStoreException.class, () -> store.copyTo(files, ProgressListener.NONE));
        assertEquals(Set.of("letter.txt"), names(files));
        try (Store copy = Store.open(target, OPTIONS)) {
            copy.put(bytes("version"), bytes("own"));
        }
        assertVersion("own");
    }

    // --- where it is ---

    /** A mount point can be neither renamed nor replaced, and ext4 keeps a directory of its own in it. */
    @ParameterizedTest
    @EnumSource(SmallFileSystem.Kind.class)
    void aMountPointIsBackedUpIntoAndCopiedTo(SmallFileSystem.Kind kind) throws IOException {
        try (SmallFileSystem mounted = SmallFileSystem.mount(kind, temporary)) {
            target = mounted.root;
            store.backup(target, ProgressListener.NONE);
            put("new");
            store.backup(target, ProgressListener.NONE);
            assertIsBackup("new");
        }
        try (SmallFileSystem mounted = SmallFileSystem.mount(kind, temporary)) {
            target = mounted.root;
            store.copyTo(target, ProgressListener.NONE);
            assertVersion("new");
        }
    }

    // --- what is copied ---

    @ParameterizedTest
    @ValueSource(strings = {"0000000001.log", ".value"})
    void aFileThatIsCutShortMeanwhileFailsTheBackupAndLeavesTheOlderOne(String suffix) throws IOException {
        store.backup(target, ProgressListener.NONE);
        put("new");
        store.sync();
        String name = names(store.directory()).stream()
                .filter(each -> each.endsWith(suffix))
                .max(String::compareTo)
                .orElseThrow();
        Path another = temporary.resolve("another");
        for (Path place : new Path[] {target, another}) {
            Path file = store.directory().resolve(name);
            // A copy, since the file is shared with the backup that was there before.
            Path whole = Files.copy(file, temporary.resolve("whole"), StandardCopyOption.REPLACE_EXISTING);
            try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
                cut.setLength(cut.length() - 5000);
            }
            StoreException failed =
                    assertThrows(StoreException.class, () -> store.backup(place, ProgressListener.NONE));
            assertTrue(failed.getMessage().contains(name), failed.getMessage());
            try (RandomAccessFile restored = new RandomAccessFile(file.toFile(), "rw")) {
                restored.write(Files.readAllBytes(whole));
            }
        }
        assertEquals(Set.of("LOCK"), names(another));
        assertIsBackup("old");
        store.backup(target, ProgressListener.NONE);
        assertIsBackup("new");
    }

    /**
     * Each backup leaves a lock file that says so: a store without one was put there by other means, and may be the
     * only one.
     */
    @Test
    void aStoreThatNoBackupPutThereIsNotReplaced() throws IOException {
        store.backup(target, ProgressListener.NONE);
        Files.delete(target.resolve("LOCK"));
        Set<String> before = names(target);
        put("new");
        NotAStoreException refused =
                assertThrows(NotAStoreException.class, () -> store.backup(target, ProgressListener.NONE));
        assertTrue(refused.getMessage().contains("that no backup has put there"), refused.getMessage());
        assertEquals(before, names(target));
        assertVersion("old");
    }

    /** What the directory of an exchange holds takes the place of the store, so only a finished backup may do that. */
    @ParameterizedTest
    @ValueSource(strings = {"nothing", "a log", "a store with a lock", "another store", "something foreign"})
    void whatNoBackupHasFinishedTakesNoStoresPlace(String content) throws IOException {
        Path directory = store.directory();
        Path complete = directory.resolve("BACKUP.complete");
        Path made = temporary.resolve("made");
        switch (content) {
            case "nothing" -> Files.createDirectory(made);
            case "a log" -> Files.createFile(Files.createDirectory(made).resolve("0000000001.log"));
            case "another store" -> {
                Store.open(made, OPTIONS).close();
                Files.delete(made.resolve("LOCK"));
            }
            default -> {
                store.copyTo(made, ProgressListener.NONE);
                if (content.equals("something foreign")) {
                    Files.move(made.resolve("LOCK"), made.resolve("letter.txt"));
                }
            }
        }
        put("new");
        store.close();
        Files.move(made, complete);
        Set<String> before = names(directory);
        for (boolean readOnly : new boolean[] {true, false}) {
            NotAStoreException refused = assertThrows(
                    NotAStoreException.class,
                    () -> Store.open(directory, OPTIONS.withReadOnly(readOnly)).close());
            assertTrue(refused.getMessage().contains("BACKUP.complete"), refused.getMessage());
        }
        assertEquals(before, names(directory));
        Files.move(complete, made);
        target = directory;
        assertVersion("new");
        store = Store.open(directory, OPTIONS);
    }

    /** Else the next open of the store around it would take it for its own, or remove it. */
    @ParameterizedTest
    @ValueSource(strings = {"BACKUP.partial", "BACKUP.complete"})
    void nothingIsMadeUnderANameThatAnExchangeUses(String name) throws IOException {
        Path inside = store.directory().resolve(name);
        assertThrows(NotAStoreException.class, () -> store.copyTo(inside, ProgressListener.NONE));
        assertThrows(NotAStoreException.class, () -> store.backup(inside, ProgressListener.NONE));
        assertThrows(NotAStoreException.class, () -> Store.open(inside, OPTIONS));
        assertFalse(Files.exists(inside));
    }

    // --- crashes and errors ---

    /** What a call that changes the target does. */
    enum Failing {
        /** It fails, and the next ones do not. */
        ERROR,
        /** It fails and all after it, as if the process had been killed before it. */
        DEATH
    }

    /** What became of a backup. */
    private enum Outcome {
        FEWER_CALLS,
        DONE,
        FAILED
    }

    /** Makes a backup whose call of this number fails. */
    private Outcome failing(Failing how, int site, Runnable backup) {
        int[] calls = {0};
        watcher = (call, path) -> {
            calls[0]++;
            if (how == Failing.DEATH ? calls[0] >= site : calls[0] == site) {
                throw new IOException("Input/output error");
            }
        };
        boolean failed = false;
        try {
            backup.run();
        } catch (StoreException expected) {
            failed = true;
        }
        watcher = (call, path) -> {};
        if (calls[0] < site) {
            assertFalse(failed);
            return Outcome.FEWER_CALLS;
        }
        return failed ? Outcome.FAILED : Outcome.DONE;
    }

    /** Every call fails on the simulated disk of {@link BackupPowerLossTest}, which forces nothing on a real one. */
    private static final int STEP = 3;

    @ParameterizedTest
    @EnumSource
    void aFailureAtAnyCallLeavesTheOlderBackupOrTheNewOneWhole(Failing how) throws IOException {
        int failures = 0;
        int replaced = 0;
        for (int site = 1; ; site += STEP) {
            target = temporary.resolve("backup" + site);
            put("old");
            watcher = (call, path) -> {};
            store.backup(target, ProgressListener.NONE);
            put("new");
            Outcome outcome = failing(how, site, () -> store.backup(target, ProgressListener.NONE));
            if (outcome == Outcome.FEWER_CALLS) {
                break;
            }
            failures++;
            String version = wholeVersion();
            Set<String> possible = outcome == Outcome.FAILED ? Set.of("old", "new") : Set.of("new");
            assertTrue(possible.contains(version), version);
            replaced += version.equals("new") ? 1 : 0;
            if (failures % 4 == 0) {
                // The next backup clears up.
                put("newer");
                store.backup(target, ProgressListener.NONE);
                assertIsBackup("newer");
            } else if (failures % 4 == 2) {
                // An owner that opens it for writing does.
                try (Store opened = Store.open(target, OPTIONS)) {
                    assertArrayEquals(bytes(version), opened.getBytes(bytes("version")));
                }
                assertVersion(version);
                assertEquals(Set.of(), inner(target));
            }
        }
        assertTrue(failures * STEP > 30, failures + " calls were failed");
        assertTrue(replaced > 1 && replaced < failures, replaced + " of " + failures);
    }

    @ParameterizedTest
    @EnumSource
    void aFailureAtAnyCallOfTheFirstBackupLeavesNothingInTheWay(Failing how) throws IOException {
        for (int site = 1; ; site += STEP) {
            target = temporary.resolve("backup" + site);
            if (failing(how, site, () -> store.copyTo(target, ProgressListener.NONE)) == Outcome.FEWER_CALLS) {
                break;
            }
            boolean committed =
                    Files.exists(target.resolve("BACKUP.complete")) || Files.exists(target.resolve("STORE"));
            if (!committed) {
                store.copyTo(target, ProgressListener.NONE);
            }
            assertVersion("old");
        }
    }

    // --- what is found ---

    private void assertVersion(String version) {
        assertEquals(version, wholeVersion());
    }

    /** Which version the target holds, all of it. */
    private String wholeVersion() {
        assertEquals(
                List.of(), StoreVerifier.verify(target, ProgressListener.NONE).findings());
        try (Store backup = Store.open(target, OPTIONS.withReadOnly(true))) {
            String version = new String(backup.getBytes(bytes("version")), UTF_8);
            assertEquals(1502, backup.count());
            if (!version.equals("own")) {
                assertArrayEquals(random(300_000, version.hashCode()), backup.getBytes(bytes("large")));
            }
            assertArrayEquals(random(900, 7), backup.getBytes(bytes("key7")));
            return version;
        }
    }

    private void assertIsBackup(String version) {
        assertVersion(version);
        Set<String> foreign = new TreeSet<>(names(target));
        foreign.removeIf(name -> name.matches("STORE|CHECKPOINT|LOCK|lost\\+found|[0-9]{10}\\.(log|value)"));
        assertEquals(Set.of(), foreign);
        // The parent has nothing of it.
        assertEquals(Set.of(), inner(target.getParent()));
    }

    private static Set<String> inner(Path directory) {
        return names(directory).stream()
                .filter(name -> name.startsWith("BACKUP.") || name.startsWith(".") || name.endsWith(".tmp"))
                .collect(Collectors.toSet());
    }

    private static Set<String> names(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
