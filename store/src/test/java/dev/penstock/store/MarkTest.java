package dev.penstock.store;

import static dev.penstock.store.StoreTest.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.internal.index.AppliedMark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The mark of a store is that of its newest batch that has one, whatever happens to the records around it. */
public class MarkTest {

    private static final StoreOptions SMALL = StoreOptions.defaults().withSegmentSize(1 << 20);
    private static final byte[] KEY = bytes("key");

    @TempDir(factory = MemoryBackedDirectory.class)
    Path temporary;

    private Path directory() {
        return temporary.resolve("store");
    }

    @Test
    void aStoreHasNoMarkUntilABatchSetsOne() {
        try (Store store = Store.open(directory(), SMALL)) {
            store.write(new WriteBatch().put(KEY, bytes("value")));
            assertEquals(0, store.mark().length);
            store.write(new WriteBatch().put(KEY, bytes("value")).mark(bytes("first")));
            assertArrayEquals(bytes("first"), store.mark());
        }
    }

    @Test
    void aMarkIsNoKey() {
        try (Store store = Store.open(directory(), SMALL)) {
            store.write(new WriteBatch().mark(bytes("mark")));
            assertEquals(0, store.count());
            assertFalse(store.contains(bytes("mark")));
            assertFalse(store.contains(bytes("")));
            assertNull(store.randomKey(new Random(1)));
            assertEquals(0, store.scan(0, 1000, (key, value) -> {
                throw new AssertionError("a scan shows " + Arrays.toString(key));
            }));
            assertFalse(store.remove(bytes("mark")));
            assertArrayEquals(bytes("mark"), store.mark());
        }
        assertTrue(StoreVerifier.verify(directory(), ProgressListener.NONE).isSound());
    }

    @Test
    void aBatchThatIsRefusedLeavesTheMark() {
        try (Store store = Store.open(directory(), SMALL)) {
            store.write(new WriteBatch().mark(bytes("before")));
            assertFalse(store.write(new WriteBatch().expectVersion(KEY, 77).mark(bytes("after"))));
            assertArrayEquals(bytes("before"), store.mark());
        }
    }

    @Test
    void aMarkHasOneToSixtyFourBytes() {
        WriteBatch batch = new WriteBatch();
        assertThrows(IllegalArgumentException.class, () -> batch.mark(new byte[0]));
        assertThrows(IllegalArgumentException.class, () -> batch.mark(new byte[65]));
        byte[] longest = new byte[64];
        new Random(1).nextBytes(longest);
        try (Store store = Store.open(directory(), SMALL)) {
            store.write(batch);
            assertEquals(0, store.mark().length);
            store.write(batch.mark(longest));
            assertArrayEquals(longest, store.mark());
            store.write(new WriteBatch().mark(new byte[1]));
            assertArrayEquals(new byte[1], store.mark());
        }
    }

    @Test
    void anEmptiedBatchSetsNoMark() {
        try (Store store = Store.open(directory(), SMALL)) {
            WriteBatch batch = new WriteBatch().put(KEY, bytes("value")).mark(bytes("mark"));
            batch.clear();
            store.write(batch);
            assertEquals(0, store.mark().length);
        }
    }

    @Test
    void clearingKeepsTheMarkAndMayReplaceIt() {
        try (Store store = Store.open(directory(), SMALL)) {
            store.write(new WriteBatch().put(KEY, bytes("value")).mark(bytes("first")));
            store.clear();
            assertArrayEquals(bytes("first"), store.mark());
            assertEquals(0, store.count());
            store.put(KEY, bytes("value"));
            store.replaceAll(new WriteBatch().mark(bytes("second")));
            assertArrayEquals(bytes("second"), store.mark());
            assertEquals(0, store.count());
            store.clear();
        }
        assertReopens("second");
    }

    /** The segment that holds it is emptied again and again, in the background's way and at once. */
    @Test
    public void compactionKeepsTheMark() {
        try (Store store = Store.open(directory(), SMALL)) {
            store.write(new WriteBatch().put(KEY, bytes("value")).mark(bytes("kept")));
            for (int round = 0; round < 3; round++) {
                overwrite(store, 3 << 20);
                store.compact(ProgressListener.NONE);
                assertArrayEquals(bytes("kept"), store.mark());
                assertFalse(Files.exists(directory().resolve("0000000001.log")), "the first segment is gone");
            }
        }
        assertReopens("kept");
    }

    @Test
    void aMarkOutlivesEveryKeyOverACompaction() {
        try (Store store = Store.open(directory(), SMALL)) {
            store.write(new WriteBatch().put(KEY, bytes("value")).mark(bytes("kept")));
            overwrite(store, 3 << 20);
            store.clear();
            store.compact(ProgressListener.NONE);
            assertArrayEquals(bytes("kept"), store.mark());
        }
        assertReopens("kept");
    }

    @Test
    public void aCheckpointKeepsTheMark() {
        try (Store store = Store.open(directory(), SMALL)) {
            store.write(new WriteBatch().mark(bytes("old")));
            store.write(new WriteBatch().mark(bytes("before the checkpoint")));
            overwrite(store, 1 << 20);
            assertTrue(StoreAccess.owner(store).checkpointer.write());
            store.put(KEY, bytes("after it"));
            store.sync();
            try (Store reader = Store.open(directory(), SMALL.withReadOnly(true))) {
                assertArrayEquals(bytes("before the checkpoint"), reader.mark());
            }
        }
        assertReopens("before the checkpoint");
        try (Store store = Store.open(directory(), SMALL)) {
            assertTrue(StoreAccess.owner(store).checkpointer.write());
            store.write(new WriteBatch().mark(bytes("newer than the checkpoint")));
            try (Store reader = Store.open(directory(), SMALL.withReadOnly(true))) {
                assertArrayEquals(bytes("newer than the checkpoint"), reader.mark());
            }
        }
        assertReopens("newer than the checkpoint");
    }

    @Test
    void aBackupHasTheMarkOfItsMoment() {
        Path backup = temporary.resolve("backup");
        try (Store store = Store.open(directory(), SMALL)) {
            store.write(new WriteBatch().put(KEY, bytes("value")).mark(bytes("then")));
            overwrite(store, 1 << 20);
            store.backup(backup, ProgressListener.NONE);
            store.write(new WriteBatch().mark(bytes("later")));
        }
        try (Store store = Store.open(backup, SMALL)) {
            assertArrayEquals(bytes("then"), store.mark());
        }
    }

    @Test
    void aReaderShowsTheMarkOfWhatItHasFollowed() {
        try (Store owner = Store.open(directory(), SMALL);
                Store reader = Store.open(directory(), SMALL.withReadOnly(true))) {
            for (int i = 0; i < 5; i++) {
                owner.write(new WriteBatch().put(KEY, bytes("value" + i)).mark(bytes("mark" + i)));
                overwrite(owner, 2 << 20);
                owner.compact(ProgressListener.NONE);
                reader.refresh();
                assertArrayEquals(bytes("mark" + i), reader.mark());
            }
            owner.clear();
            reader.refresh();
            assertArrayEquals(bytes("mark4"), reader.mark());
        }
    }

    /** A reader that holds the lock of the mark's stripe, as of a key's, sees no other meanwhile. */
    @Test
    void aReaderChangesTheMarkUnderTheLockOfItsStripe() {
        try (Store owner = Store.open(directory(), SMALL);
                Store reader = Store.open(directory(), SMALL.withReadOnly(true))) {
            owner.write(new WriteBatch().mark(bytes("before")));
            reader.refresh();
            ReentrantLock lock = StoreAccess.engine(reader).directory.lockOf(AppliedMark.STRIPE);
            lock.lock();
            try {
                owner.write(new WriteBatch().mark(bytes("after")));
                while (!lock.hasQueuedThreads() && Arrays.equals(bytes("before"), reader.mark())) {
                    Thread.onSpinWait();
                }
                assertArrayEquals(bytes("before"), reader.mark());
            } finally {
                lock.unlock();
            }
            reader.refresh();
            assertArrayEquals(bytes("after"), reader.mark());
        }
    }

    @Test
    void theMarkOfAClosedStoreIsRefused() {
        Store store = Store.open(directory(), SMALL);
        store.close();
        assertThrows(StoreClosedException.class, store::mark);
    }

    /** @param cut bytes of the last batch that are lost when the power fails */
    @ParameterizedTest
    @ValueSource(ints = {8, 24, 40, 80})
    void aMarkIsLostTogetherWithItsBatch(int cut) throws IOException {
        Path image = temporary.resolve("image");
        long end;
        try (Store store = Store.open(directory(), SMALL)) {
            store.write(new WriteBatch().put(KEY, bytes("first")).mark(bytes("one")));
            store.sync();
            store.put(bytes("other"), bytes("says what the sync left to say"));
            store.write(new WriteBatch().put(KEY, bytes("second")).mark(bytes("two")));
            end = WriteBatchTest.usedLength(directory());
            WriteBatchTest.copy(directory(), image);
        }
        byte[] log = Files.readAllBytes(image.resolve("0000000001.log"));
        Arrays.fill(log, (int) end - cut, (int) end, (byte) 0);
        Files.write(image.resolve("0000000001.log"), log);
        Files.writeString(image.resolve("LOCK"), "");
        try (Store store = Store.open(image, SMALL)) {
            assertArrayEquals(bytes("first"), store.getBytes(KEY));
            assertArrayEquals(bytes("one"), store.mark());
        }
    }

    private void assertReopens(String mark) {
        try (Store store = Store.open(directory(), SMALL)) {
            assertArrayEquals(bytes(mark), store.mark());
        }
        assertTrue(StoreVerifier.verify(directory(), ProgressListener.NONE).isSound());
    }

    /** Writes so many bytes that are dead afterwards, but for the last. */
    private static void overwrite(Store store, int length) {
        byte[] value = new byte[10_000];
        for (int written = 0; written < length; written += value.length) {
            store.put(bytes("filler"), value);
        }
    }
}
