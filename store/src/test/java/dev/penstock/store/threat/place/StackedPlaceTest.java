package dev.penstock.store.threat.place;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreLockedException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueView;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.threat.fulldisk.SmallFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store in a directory that is seen through another mount: a bind mount, or an overlay as containers have it. */
class StackedPlaceTest {

    private static final StoreOptions SMALL = StoreOptions.defaults().withSegmentSize(1 << 20);
    private static final int KEYS = 3_000;
    private static final int LARGE = 400_000;

    @TempDir
    Path root;

    @Test
    void aBindMountIsTheSameDirectory() throws IOException {
        Path real = Files.createDirectory(root.resolve("real"));
        try (SmallFileSystem bind = SmallFileSystem.mountBind(real, root)) {
            doEverything(bind.root, root.resolve("backup"));
            try (Store store = Store.open(real, SMALL)) {
                assertThrows(StoreLockedException.class, () -> Store.open(bind.root, SMALL));
                try (Store follower = Store.open(bind.root, SMALL.withReadOnly(true))) {
                    store.put(bytes("new"), bytes("value"));
                    follower.refresh();
                    assertArrayEquals(bytes("value"), follower.getBytes(bytes("new")));
                }
            }
            assertHolds(bind.root);
        }
    }

    @Test
    void aStoreIsMadeOnAnOverlay() throws IOException {
        Path lower = Files.createDirectory(root.resolve("lower"));
        try (SmallFileSystem changes = SmallFileSystem.mountTmpfs(root, "size=" + 2 * SmallFileSystem.SIZE);
                SmallFileSystem overlay = SmallFileSystem.mountOverlay(lower, changes.root, root)) {
            Path place = overlay.root.resolve("store");
            doEverything(place, overlay.root.resolve("backup"));
        }
    }

    /** An image of a container has the store in it; the first write to each file copies it to another file system. */
    @Test
    void aStoreOfALowerLayerIsWrittenToAndTheLayerStaysAsItWas() throws IOException {
        Path lower = Files.createDirectory(root.resolve("lower"));
        Path original = lower.resolve("store");
        doEverything(original, root.resolve("first-backup"));
        try (SmallFileSystem changes = SmallFileSystem.mountTmpfs(root, "size=" + 2 * SmallFileSystem.SIZE);
                SmallFileSystem overlay = SmallFileSystem.mountOverlay(lower, changes.root, root)) {
            Path place = overlay.root.resolve("store");
            // Before anything was written here.
            try (Store reader = Store.open(place, SMALL.withReadOnly(true));
                    ValueView kept = reader.get(bytes("large"))) {
                try (Store store = Store.open(place, SMALL)) {
                    store.put(bytes("new"), bytes("value"));
                    reader.refresh();
                    assertArrayEquals(bytes("value"), reader.getBytes(bytes("new")));
                    store.remove(bytes("new"));
                }
                doEverything(place, overlay.root.resolve("backup"));
                assertArrayEquals(random(LARGE, 1), kept.toByteArray());
            }
            try (Store store = Store.open(place, SMALL)) {
                store.remove(bytes("large"));
                store.compact(ProgressListener.NONE);
            }
        }
        assertHolds(original);
    }

    @Test
    void aReaderFollowsWhereAKilledOwnerLeftALowerLayer() throws IOException {
        Path lower = Files.createDirectory(root.resolve("lower"));
        Path live = root.resolve("live");
        try (Store store = Store.open(live, SMALL)) {
            store.put(bytes("old"), bytes("value"));
            Path killed = Files.createDirectory(lower.resolve("store"));
            try (var files = Files.list(live)) {
                for (Path file : files.toList()) {
                    Files.copy(file, killed.resolve(file.getFileName()));
                }
            }
        }
        try (SmallFileSystem changes = SmallFileSystem.mountTmpfs(root, "size=" + 2 * SmallFileSystem.SIZE);
                SmallFileSystem overlay = SmallFileSystem.mountOverlay(lower, changes.root, root)) {
            Path place = overlay.root.resolve("store");
            try (Store reader = Store.open(place, SMALL.withReadOnly(true));
                    Store store = Store.open(place, SMALL)) {
                store.put(bytes("new"), bytes("value"));
                reader.refresh();
                assertArrayEquals(bytes("value"), reader.getBytes(bytes("new")));
            }
        }
    }

    private static void doEverything(Path place, Path backup) throws IOException {
        try (Store store = Store.open(place, SMALL)) {
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < KEYS; i++) {
                    store.put(bytes("key" + i), random(1_000, i + round));
                }
                store.put(bytes("large"), random(LARGE, round));
            }
            store.sync();
            store.compact(ProgressListener.NONE);
            StoreAccess.owner(store).checkpointer.write();
            try (Store follower = Store.open(place, SMALL.withReadOnly(true))) {
                store.put(bytes("followed"), random(1_000, 1));
                follower.refresh();
                assertArrayEquals(random(1_000, 1), follower.getBytes(bytes("followed")));
            }
            store.remove(bytes("followed"));
            store.backup(backup, ProgressListener.NONE);
            store.put(bytes("large"), random(LARGE, 1));
        }
        assertHolds(place);
        assertHolds(backup);
        assertTrue(StoreVerifier.verify(place, ProgressListener.NONE).isSound());
    }

    private static void assertHolds(Path place) {
        for (boolean readOnly : new boolean[] {true, false}) {
            try (Store store = Store.open(place, SMALL.withReadOnly(readOnly))) {
                for (int i = 0; i < KEYS; i++) {
                    assertArrayEquals(random(1_000, i + 1), store.getBytes(bytes("key" + i)));
                }
                assertArrayEquals(random(LARGE, 1), store.getBytes(bytes("large")));
                assertEquals(store.contains(bytes("new")) ? KEYS + 2 : KEYS + 1, store.count());
            }
        }
    }
}
