package dev.penstock.store;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No offset, however far from the value, forms an address outside it: that could end the process. */
class ViewBoundsTest {

    private static final byte[] KEY = {1};

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"0, false", "0, true", "7, false", "100, false", "100, true", "40000, false", "3000000, false"})
    void anOffsetOutsideTheValueIsRefused(int length, boolean verifyOnRead) {
        StoreOptions options = StoreOptions.defaults().withVerifyOnRead(verifyOnRead);
        try (Store store = Store.open(directory, options)) {
            store.put(KEY, new byte[length]);
            try (ValueView view = new ValueView();
                    Snapshot snapshot = store.snapshot();
                    ValueView ofSnapshot = snapshot.get(KEY)) {
                assertTrue(store.get(KEY, view));
                assertRefuses(view, length);
                assertRefuses(ofSnapshot, length);
            }
        }
    }

    private static void assertRefuses(ValueView view, long length) {
        long[] outside = {
            -1, -8, Long.MIN_VALUE, Long.MIN_VALUE + length, length, length + 1, Integer.MAX_VALUE, 1L << 40, 1L << 56
        };
        for (long offset : outside) {
            assertRefused(offset, () -> view.getByte(offset));
            assertRefused(offset, () -> view.getLong(offset, ByteOrder.LITTLE_ENDIAN));
            assertRefused(offset, () -> view.slice(offset, 1));
        }
        for (long below = 0; below <= length + 16; below += Math.max(1, length / 32)) {
            long offset = Long.MAX_VALUE - below;
            assertRefused(offset, () -> view.getByte(offset));
            assertRefused(offset, () -> view.getLong(offset, ByteOrder.BIG_ENDIAN));
            assertRefused(offset, () -> view.slice(offset, Long.MAX_VALUE));
        }
        for (long offset = Math.max(0, length - 7); offset < length; offset++) {
            long last = offset;
            assertRefused(last, () -> view.getLong(last, ByteOrder.LITTLE_ENDIAN));
        }
    }

    private static void assertRefused(long offset, Executable access) {
        assertThrows(IndexOutOfBoundsException.class, access, () -> "offset " + offset);
    }
}
