package dev.penstock.store.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Key;
import dev.penstock.store.Store;
import dev.penstock.store.ValueView;
import dev.penstock.store.ValueWriter;
import dev.penstock.store.WriteOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A write returns the version of what it stored, by which a later write can tell whether that is still there. */
class ValueIntakeTest {

    private static final byte[] KEY = {'k'};

    private Store store;

    @BeforeEach
    void open(@TempDir Path directory) {
        store = Store.open(directory);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private long currentVersion() {
        try (ValueView view = store.get(KEY)) {
            assertNotNull(view);
            return view.version();
        }
    }

    private static ByteBuffer buffer(boolean direct, int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        ByteBuffer outer = direct ? ByteBuffer.allocateDirect(length + 7) : ByteBuffer.allocate(length + 7);
        return outer.position(3).put(bytes).flip().position(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 40_000, (1 << 20) - 1, 1 << 20, 3_000_000})
    void aPutReturnsTheVersionOfItsValue(int length) {
        for (boolean direct : new boolean[] {false, true}) {
            ByteBuffer value = buffer(direct, length);
            byte[] expected = new byte[length];
            value.duplicate().get(expected);
            long version = ValueIntake.put(store, Key.of(KEY), value, WriteOptions.defaults());
            assertEquals(currentVersion(), version);
            assertArrayEquals(expected, store.getBytes(KEY));
            assertEquals(length, value.remaining(), "the caller's buffer is as it was");
            long next = ValueIntake.put(
                    store, Key.of(KEY), value, WriteOptions.defaults().ifVersion(version));
            assertTrue(next > version, next + " after " + version);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 3_000_000})
    void aWriteWhoseConditionDoesNotHoldHasNoVersion(int length) throws IOException {
        store.put(KEY, new byte[3]);
        long before = currentVersion();
        WriteOptions absent = WriteOptions.defaults().ifAbsent();
        assertEquals(ValueIntake.NOT_STORED, ValueIntake.put(store, Key.of(KEY), buffer(true, length), absent));
        try (ValueWriter writer = store.putStream(KEY, length)) {
            writer.write(buffer(true, length));
            assertEquals(ValueIntake.NOT_STORED, ValueIntake.commit(writer, absent));
        }
        assertEquals(before, currentVersion());
    }

    @Test
    void aStreamedValueHasTheVersionOfItsCommit() throws IOException {
        for (int length : new int[] {0, 5, 3_000_000}) {
            try (ValueWriter writer = store.putStream(KEY)) {
                writer.write(buffer(false, length));
                long version = ValueIntake.commit(writer, WriteOptions.defaults());
                assertEquals(currentVersion(), version);
            }
        }
    }
}
