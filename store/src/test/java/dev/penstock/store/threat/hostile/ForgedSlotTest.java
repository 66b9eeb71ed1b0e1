package dev.penstock.store.threat.hostile;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.Key;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.transfer.StoreTransfer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A slot or a record that is damaged is not taken for an absent key. */
class ForgedSlotTest {

    private static final byte[] KEY = "twelve-bytes".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path directory;

    @Test
    void aSlotThatNamesNoPlaceIsDamage() {
        try (Store store = Store.open(directory)) {
            store.put(KEY, new byte[] {1});
            KeyDirectory slots = StoreAccess.owner(store).directory;
            long hash = slots.hash(KEY, 0, KEY.length);
            long position = slots.find(hash, KEY, 0, KEY.length);
            slots.lock(hash).lock();
            try {
                slots.replace(hash, position, 0);
            } finally {
                slots.lock(hash).unlock();
            }
            assertDamage(() -> store.getBytes(KEY));
            assertDamage(() -> store.contains(KEY));
            assertDamage(() -> store.put(KEY, new byte[] {2}));
            assertDamage(() -> store.remove(KEY));
            slots.lock(hash).lock();
            try {
                slots.replace(hash, 0, position);
            } finally {
                slots.lock(hash).unlock();
            }
        }
    }

    @Test
    void aLargeValueOfAnImpossibleLengthIsDamage() throws Exception {
        try (Store store = Store.open(directory)) {
            store.put(KEY, new byte[2 << 20]);
            KeyDirectory slots = StoreAccess.owner(store).directory;
            long offset = slots.find(slots.hash(KEY, 0, KEY.length), KEY, 0, KEY.length)
                    & (StoreAccess.owner(store).segments.segmentSize() - 1);
            for (long length : new long[] {-1, -15, -16, -100, Long.MIN_VALUE + (2 << 20), 1L << 41}) {
                poke(offset + 16, length);
                assertDamage(() -> StoreTransfer.of(store).copyFrame(Key.of(KEY), ByteBuffer.allocate(100), 100));
            }
            poke(offset + 16, 2 << 20);
        }
    }

    private void poke(long at, long value) throws Exception {
        try (FileChannel file = FileChannel.open(directory.resolve("0000000001.log"), StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value), at);
        }
    }

    private static void assertDamage(Executable access) {
        assertThrows(CorruptionException.class, access);
    }
}
