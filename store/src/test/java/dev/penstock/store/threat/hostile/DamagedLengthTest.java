package dev.penstock.store.threat.hostile;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.EntryWalk;
import dev.penstock.store.Key;
import dev.penstock.store.Snapshot;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.transfer.StoreTransfer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The length in a record is damaged while the store is open. */
class DamagedLengthTest {

    private static final StoreOptions SMALL =
            StoreOptions.defaults().withSegmentSize(1 << 20).withCompactionRate(0);
    private static final String FIRST = "0000000001.log";

    @TempDir
    Path directory;

    /** Whatever the length says, neither another record's bytes are shown nor those behind the file. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aValueThatReachesBeyondItsFileIsDamageForEveryRead(boolean verifyOnRead) throws IOException {
        StoreOptions options = StoreOptions.defaults().withVerifyOnRead(verifyOnRead);
        for (long length : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 31, options.segmentSize()}) {
            Path place = directory.resolve("length" + length);
            try (Store store = Store.open(place, options)) {
                store.put(bytes("key"), bytes("value"));
                try (FileChannel log = FileChannel.open(place.resolve("0000000001.log"), StandardOpenOption.WRITE)) {
                    ByteBuffer forged = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                    log.write(forged.putLong(0, length), SegmentHeader.LENGTH + RecordLayout.VALUE_LENGTH_OFFSET);
                }
                Key key = Key.of(bytes("key"));
                List<Executable> reads = List.of(
                        () -> store.getBytes(bytes("key")),
                        () -> store.get(bytes("key")).close(),
                        () -> store.getAll(List.of(bytes("key")), (index, value) -> value.length()),
                        () -> store.forEach((found, value) -> value.length()),
                        () -> store.scan(0, 10, (found, value) -> value.length()),
                        () -> StoreTransfer.of(store).copyFrame(key, ByteBuffer.allocate(100), 100),
                        () -> StoreTransfer.of(store).copyFrame(key, ByteBuffer.allocate(100), Integer.MAX_VALUE));
                for (int read = 0; read < reads.size(); read++) {
                    CorruptionException damage =
                            assertThrows(CorruptionException.class, reads.get(read), length + ", read " + read);
                    assertEquals("0000000001.log", damage.file());
                    assertEquals(SegmentHeader.LENGTH, damage.offset());
                    String message = damage.getMessage();
                    assertTrue(message.contains("backup") || message.contains("header checksum"), message);
                }
            }
        }
    }

    /** A sealed segment that was opened again is mapped as far as its file goes, which is less than a segment. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aValueThatReachesBeyondItsFileWithinItsSegmentIsDamageForEveryRead(boolean verifyOnRead) throws IOException {
        StoreOptions options = SMALL.withVerifyOnRead(verifyOnRead);
        byte[] name = bytes("key0");
        try (Store store = Store.open(directory, options)) {
            store.put(name, random(20_000, 0));
            for (int i = 1; i < 60; i++) {
                byte[] next = bytes("key" + i);
                store.put(next, random(20_000, i));
                name = positionOf(store, next) < 2 * SMALL.segmentSize() ? next : name;
            }
        }
        long fileLength = Files.size(directory.resolve(FIRST));
        assertTrue(fileLength < SMALL.segmentSize(), "trimmed");
        byte[] last = name;
        try (Store store = Store.open(directory, options)) {
            long offset = positionOf(store, last) - SMALL.segmentSize();
            int commitWord = RecordLayout.commitWord(RecordLayout.VALUE, last.length);
            long most = SMALL.segmentSize() - RecordLayout.valueOffset(offset, commitWord, 20_000) - 2;
            long room = fileLength - RecordLayout.valueOffset(offset, commitWord, 20_000);
            for (long length : new long[] {room, room - 1, room + 1, most}) {
                forge(offset + RecordLayout.VALUE_LENGTH_OFFSET, length);
                assertDamage(store, last, offset);
            }
        }
    }

    private void assertDamage(Store store, byte[] key, long offset) {
        List<Executable> reads = List.of(
                () -> store.getBytes(key),
                () -> store.get(key).close(),
                () -> store.getAll(List.of(key), (index, value) -> value.length()),
                () -> store.forEach((found, value) -> value.length()),
                () -> scanAll(store),
                () -> StoreTransfer.of(store).copyFrame(Key.of(key), ByteBuffer.allocate(100), 100),
                () -> StoreTransfer.of(store).copyFrame(Key.of(key), ByteBuffer.allocate(1 << 20), 1 << 20),
                () -> {
                    try (Snapshot snapshot = store.snapshot()) {
                        snapshot.getBytes(key);
                    }
                },
                () -> {
                    try (Snapshot snapshot = store.snapshot();
                            EntryWalk entries = snapshot.entries()) {
                        entries.forEach(entry -> entry.value().length());
                    }
                });
        for (int read = 0; read < reads.size(); read++) {
            CorruptionException damage = assertThrows(CorruptionException.class, reads.get(read), "read " + read);
            assertEquals(FIRST, damage.file(), "read " + read);
            assertEquals(offset, damage.offset(), "read " + read);
        }
    }

    /** The key of a reference, behind which the number of the large value's file lies. */
    @Test
    void aKeyThatReachesBeyondItsFileIsDamageForAScan() throws IOException {
        try (Store store = Store.open(directory, SMALL)) {
            store.put(bytes("key"), new byte[2 << 20]);
            long offset = positionOf(store, bytes("key")) - SMALL.segmentSize();
            long header = Integer.toUnsignedLong(RecordLayout.commitWord(RecordLayout.REFERENCE, (1 << 24) - 1));
            forge(offset, header);
            CorruptionException damage = assertThrows(CorruptionException.class, () -> scanAll(store));
            assertEquals(FIRST, damage.file());
            assertEquals(offset, damage.offset());
        }
    }

    private static void scanAll(Store store) {
        long cursor = 0;
        do {
            cursor = store.scan(cursor, 10, (found, value) -> value.length());
        } while (cursor != 0);
    }

    private static long positionOf(Store store, byte[] key) {
        KeyDirectory keys = StoreAccess.owner(store).directory;
        return keys.find(keys.hash(key, 0, key.length), key, 0, key.length);
    }

    private void forge(long at, long number) throws IOException {
        try (FileChannel log = FileChannel.open(directory.resolve(FIRST), StandardOpenOption.WRITE)) {
            log.write(
                    ByteBuffer.allocate(Long.BYTES)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(0, number),
                    at);
        }
    }
}
