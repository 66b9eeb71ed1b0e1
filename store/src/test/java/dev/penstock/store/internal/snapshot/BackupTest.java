package dev.penstock.store.internal.snapshot;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.BackupReport;
import dev.penstock.store.ManualThreads;
import dev.penstock.store.NotAStoreException;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WatchedDisk;
import dev.penstock.store.WriteBatch;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.internal.format.FileNames;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A backup is the store of one moment, complete, and a separate store. */
class BackupTest {

    private static final StoreOptions OPTIONS =
            StoreOptions.defaults().withSegmentSize(1 << 20).withVerifyOnRead(true);

    @TempDir
    Path temporary;

    @Test
    void aBackupSaysWhatTheStoreSaidAndGoesItsOwnWay() {
        Path source = temporary.resolve("store");
        Path target = temporary.resolve("backup");
        try (Store store = Store.open(source, OPTIONS)) {
            fill(store, 0);
            store.backup(target, ProgressListener.NONE);
            fill(store, 1);
            store.clear();
            store.compact(ProgressListener.NONE);
            assertSound(target);
            try (Store backup = Store.open(target, OPTIONS)) {
                assertFilled(backup, 0);
                fill(backup, 2);
                backup.compact(ProgressListener.NONE);
                assertFilled(backup, 2);
            }
            fill(store, 3);
            assertFilled(store, 3);
        }
        try (Store store = Store.open(source, OPTIONS)) {
            assertFilled(store, 3);
        }
        assertSound(source);
        assertSound(target);
    }

    @Test
    void aSecondBackupCopiesOnlyWhatIsNewAndOneThatWasWrittenToIsNotReplaced() {
        Path target = temporary.resolve("backup");
        try (Store store = Store.open(temporary.resolve("store"), OPTIONS)) {
            fill(store, 0);
            BackupReport first = store.backup(target, ProgressListener.NONE);
            assertTrue(first.copiedBytes() <= 1 << 20, "the last segment alone: " + first);
            assertTrue(first.bytes() > 3 << 20, first.toString());
            store.put(bytes("one more"), bytes("value"));
            BackupReport second = store.backup(target, ProgressListener.NONE);
            assertTrue(second.copiedBytes() <= 1 << 20, second.toString());
            assertSound(target);
            try (Store backup = Store.open(target, OPTIONS)) {
                assertFilled(backup, 0);
                fill(backup, 7);
            }
            fill(store, 1);
            assertThrows(NotAStoreException.class, () -> store.backup(target, ProgressListener.NONE));
            assertThrows(NotAStoreException.class, () -> store.backup(store.directory(), ProgressListener.NONE));
            assertFilled(store, 1);
        }
        try (Store backup = Store.open(target, OPTIONS)) {
            assertFilled(backup, 7);
        }
    }

    /** The number of a file that is gone may go to another one when the store is opened again. */
    @Test
    void aFileOfTheBackupBeforeIsNotTakenForAnotherOfTheSameName() {
        Path source = temporary.resolve("store");
        Path target = temporary.resolve("backup");
        try (Store store = Store.open(source, OPTIONS)) {
            store.put(bytes("large"), random(300_000, 1));
            store.backup(target, ProgressListener.NONE);
            store.remove(bytes("large"));
        }
        try (Store store = Store.open(source, OPTIONS)) {
            StoreAccess.engine(store).factory.startAt(2, 1);
            store.put(bytes("large"), random(300_000, 2));
            assertTrue(Files.exists(target.resolve("0000000001.value")));
            assertTrue(Files.exists(source.resolve("0000000001.value")), "the number is given again");
            store.backup(target, ProgressListener.NONE);
        }
        assertSound(target);
        try (Store backup = Store.open(target, OPTIONS)) {
            assertArrayEquals(random(300_000, 2), backup.getBytes(bytes("large")));
        }
    }

    @Test
    void aBackupOfAStoreThatIsOpenElsewhereIsTakenReadOnly() {
        Path source = temporary.resolve("store");
        Path target = temporary.resolve("backup");
        try (Store store = Store.open(source, OPTIONS)) {
            fill(store, 0);
            try (Store reader = Store.open(source, OPTIONS.withReadOnly(true))) {
                reader.backup(target, ProgressListener.NONE);
            }
        }
        assertSound(target);
        try (Store backup = Store.open(target, OPTIONS)) {
            assertFilled(backup, 0);
        }
    }

    @Test
    void nothingElseIsOverwrittenByABackup() throws IOException {
        Path other = temporary.resolve("other");
        Store.open(other, OPTIONS).close();
        Path files = Files.createDirectory(temporary.resolve("files"));
        Files.writeString(files.resolve("letter.txt"), "dear");
        try (Store store = Store.open(temporary.resolve("store"), OPTIONS)) {
            store.put(bytes("key"), bytes("value"));
            assertThrows(NotAStoreException.class, () -> store.backup(other, ProgressListener.NONE));
            assertThrows(NotAStoreException.class, () -> store.backup(files, ProgressListener.NONE));
            assertThrows(
                    NotAStoreException.class, () -> store.backup(files.resolve("letter.txt"), ProgressListener.NONE));
        }
        assertEquals("dear", Files.readString(files.resolve("letter.txt")));
        Store.open(other, OPTIONS).close();
    }

    @Test
    @Timeout(120)
    void backupsTakenWhileWritersAndCompactionRunAreOfOneMoment() throws InterruptedException {
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        AtomicBoolean done = new AtomicBoolean();
        try (Store store = Store.open(temporary.resolve("store"), OPTIONS)) {
            writePairs(store, 0);
            Thread writer = Thread.ofPlatform()
                    .uncaughtExceptionHandler((thread, failure) -> failures.add(failure))
                    .start(() -> {
                        for (int round = 1; !done.get(); round++) {
                            writePairs(store, round);
                            if (round % 20 == 0) {
                                store.compact(ProgressListener.NONE);
                            }
                        }
                    });
            for (int i = 0; i < 8; i++) {
                Path target = temporary.resolve("backup" + i % 2);
                store.backup(target, ProgressListener.NONE);
                assertSound(target);
                try (Store backup = Store.open(target, OPTIONS.withReadOnly(true))) {
                    for (int pair = 0; pair < 100; pair++) {
                        byte[] left = backup.getBytes(bytes("left" + pair));
                        assertArrayEquals(left, backup.getBytes(bytes("right" + pair)));
                    }
                }
            }
            done.set(true);
            writer.join();
        }
        assertEquals(List.of(), failures);
    }

    private static void writePairs(Store store, int round) {
        for (int pair = 0; pair < 100; pair++) {
            byte[] value = random(pair == 7 ? 300_000 : 700, round);
            store.write(new WriteBatch().put(bytes("left" + pair), value).put(bytes("right" + pair), value));
        }
    }

    private static void fill(Store store, int seed) {
        for (int i = 0; i < 6000; i++) {
            store.put(bytes("key" + i), random(500, i + seed));
        }
        store.put(bytes("large"), random(500_000, seed));
        store.remove(bytes("key0"));
    }

    private static void assertFilled(Store store, int seed) {
        for (int i = 1; i < 6000; i++) {
            assertArrayEquals(random(500, i + seed), store.getBytes(bytes("key" + i)));
        }
        assertArrayEquals(random(500_000, seed), store.getBytes(bytes("large")));
    }

    private static void assertSound(Path directory) {
        assertEquals(
                List.of(),
                StoreVerifier.verify(directory, ProgressListener.NONE).findings());
    }

    /**
     * The store cuts off the unused end of a segment when it is full. The backup has the same file under its own name.
     */
    @Test
    void aSegmentThatIsTrimmedWhileTheBackupIsTriedOutDoesNotFailIt() throws IOException {
        Path source = temporary.resolve("trimmed");
        Path target = temporary.resolve("backup-of-trimmed");
        Path link = target.resolve(FileNames.BACKUP_PARTIAL).resolve(FileNames.log(1));
        List<Long> trims = new ArrayList<>();
        WatchedDisk disk = new WatchedDisk(new WatchedDisk.Watcher() {
            @Override
            public void before(WatchedDisk.Call call, Path path) {
                // Only mapping matters.
            }

            @Override
            public void beforeMapping(Path path) throws IOException {
                if (path.equals(link) && trims.isEmpty()) {
                    trims.add(Files.size(path));
                    setLength(path, trims.getFirst() - 640);
                }
            }
        });
        StoreOptions small = StoreOptions.defaults().withSegmentSize(1 << 20);
        // No background thread trims the segment before.
        try (Store store = StoreAccess.open(disk, source, small, new ManualThreads())) {
            for (int i = 0; i < 30; i++) {
                store.put(bytes("key" + i), random(100_000, i));
            }
            store.sync();
            store.backup(target, ProgressListener.NONE);
        }
        assertEquals(1, trims.size());
        try (Store backup = Store.open(target, small)) {
            for (int i = 0; i < 30; i++) {
                assertArrayEquals(random(100_000, i), backup.getBytes(bytes("key" + i)));
            }
        }
    }

    private static void setLength(Path file, long length) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.setLength(length);
        }
    }
}
