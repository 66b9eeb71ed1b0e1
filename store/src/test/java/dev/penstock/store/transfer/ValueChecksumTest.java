package dev.penstock.store.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Key;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreClosedException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueView;
import dev.penstock.store.WriteOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The checksum that a value is known by stays the value's own, wherever its record goes. */
class ValueChecksumTest {

    private static final byte[] KEY = {'k'};

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"0, false", "11, false", "11, true", "40000, true", "1048577, false", "1048577, true"})
    void isThatOfTheBytesThroughMovesAndRestarts(int length, boolean expires) {
        byte[] value = new byte[length];
        new Random(length).nextBytes(value);
        long version;
        try (Store store = store()) {
            WriteOptions options =
                    expires ? WriteOptions.defaults().expiresIn(Duration.ofHours(1)) : WriteOptions.defaults();
            store.put(KEY, value, options);
            version = check(store, value);
            for (int i = 0; i < 4000; i++) {
                store.put(new byte[] {'x'}, new byte[1000]);
            }
            assertTrue(store.compact(ProgressListener.NONE).segmentsRetired() > 0, "nothing has moved");
            assertEquals(version, check(store, value));
        }
        try (Store store = store()) {
            assertEquals(version, check(store, value));
        }
        try (Store follower = Store.open(directory, StoreOptions.defaults().withReadOnly(true))) {
            assertEquals(version, check(follower, value));
        }
    }

    /** Returns the version. */
    private static long check(Store store, byte[] value) {
        CRC32C expected = new CRC32C();
        expected.update(value);
        try (ValueView view = store.get(KEY)) {
            assertEquals((int) expected.getValue(), ValueFrame.checksumOf(view));
        }
        ValueView located = new ValueView();
        assertTrue(StoreTransfer.of(store).locate(new Key().set(ByteBuffer.wrap(KEY)), located));
        try (located) {
            assertEquals((int) expected.getValue(), ValueFrame.checksumOf(located));
            return located.version();
        }
    }

    @Test
    void aClosedViewHasNone() {
        try (Store store = store()) {
            store.put(KEY, KEY);
            ValueView view = store.get(KEY);
            assertNotEquals(0, ValueFrame.checksumOf(view));
            view.close();
            assertThrows(StoreClosedException.class, () -> ValueFrame.checksumOf(view));
        }
    }

    private Store store() {
        return Store.open(directory, StoreOptions.defaults().withSegmentSize(1 << 20));
    }
}
