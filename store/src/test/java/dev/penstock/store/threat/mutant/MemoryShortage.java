package dev.penstock.store.threat.mutant;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.store.Key;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.transfer.StoreTransfer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Memory runs out while a record is put together. Loaded by {@link MemoryShortageTest} with a
 * {@code RecordLayout.writeFramePrefix} that calls {@link #beforePrefix}.
 */
public final class MemoryShortage {

    private static volatile boolean isDue;

    private MemoryShortage() {}

    /** Runs out of memory, once. */
    public static void beforePrefix() {
        if (isDue) {
            isDue = false;
            throw new OutOfMemoryError("of the test");
        }
    }

    /** A put that failed leaves nothing behind for the next one of the same length. */
    static void put(Path directory) {
        try (Store store = Store.open(directory, StoreOptions.defaults().withSegmentSize(1 << 20))) {
            for (int length : new int[] {300, 5_000}) {
                store.put(bytes("key"), random(7, 1));
                isDue = true;
                assertThrows(OutOfMemoryError.class, () -> store.put(bytes("key"), random(length, 2)));
                assertArrayEquals(random(7, 1), store.getBytes(bytes("key")));
                store.put(bytes("key"), random(length, 3));
                ByteBuffer frame = ByteBuffer.allocate(length + 20);
                StoreTransfer.of(store).copyFrame(Key.of(bytes("key")), frame, frame.capacity());
                byte[] prefix = ("$" + length + "\r\n").getBytes(StandardCharsets.US_ASCII);
                assertArrayEquals(prefix, Arrays.copyOf(frame.array(), prefix.length));
                assertEquals(prefix.length + length + 2, frame.position());
            }
        }
    }
}
