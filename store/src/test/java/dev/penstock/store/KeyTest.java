package dev.penstock.store;

import static dev.penstock.store.StoreTest.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.transfer.StoreTransfer;
import dev.penstock.store.transfer.ValueFrame;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One key, set to bytes of every kind in turn, names the entry of exactly these bytes to every method. */
class KeyTest {

    @TempDir
    Path directory;

    private static List<byte[]> lengths() {
        List<byte[]> keys = new ArrayList<>();
        for (int length : new int[] {0, 1, 16, 3, Store.MAX_KEY_LENGTH, 100}) {
            keys.add(StoreTest.random(length, length));
        }
        return keys;
    }

    /** Ways to set a key to bytes; each has others around them. */
    enum Carrier {
        ARRAY,
        RANGE,
        HEAP_BUFFER,
        READ_ONLY_BUFFER,
        DIRECT_BUFFER,
        HEAP_SEGMENT,
        NATIVE_SEGMENT;

        Key set(Key key, byte[] bytes, Arena arena) {
            byte[] wide = new byte[bytes.length + 9];
            System.arraycopy(bytes, 0, wide, 4, bytes.length);
            ByteBuffer buffer =
                    ByteBuffer.wrap(wide, 2, bytes.length + 5).slice().position(2);
            buffer.limit(2 + bytes.length);
            MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, wide);
            return switch (this) {
                case ARRAY -> key.set(bytes);
                case RANGE -> key.set(wide, 4, bytes.length);
                case HEAP_BUFFER -> key.set(buffer);
                case READ_ONLY_BUFFER -> key.set(buffer.asReadOnlyBuffer());
                case DIRECT_BUFFER -> key.set(memory.asByteBuffer().position(4).limit(4 + bytes.length));
                case HEAP_SEGMENT -> key.set(MemorySegment.ofArray(wide).asSlice(4, bytes.length));
                case NATIVE_SEGMENT -> key.set(memory.asSlice(4, bytes.length));
            };
        }
    }

    @Test
    void everyCarrierOfAReusedKeyNamesTheSameEntry() {
        Key key = new Key();
        ValueView view = new ValueView();
        try (Store store = Store.open(directory);
                Arena arena = Arena.ofConfined()) {
            for (byte[] bytes : lengths()) {
                for (Carrier carrier : Carrier.values()) {
                    String what = carrier + " of " + bytes.length;
                    byte[] value = bytes(what);
                    assertTrue(store.put(carrier.set(key, bytes, arena), value, WriteOptions.defaults()), what);
                    assertArrayEquals(value, store.getBytes(bytes), what);
                    assertEquals(bytes.length, key.length());
                    assertArrayEquals(bytes, key.toByteArray());
                    for (Carrier other : Carrier.values()) {
                        assertTrue(store.get(other.set(key, bytes, arena), view), what);
                        assertArrayEquals(value, view.toByteArray(), what);
                    }
                    assertTrue(store.contains(key));
                    assertNull(store.expiryOf(key));
                    try (Snapshot snapshot = store.snapshot()) {
                        assertTrue(snapshot.contains(key) && snapshot.get(key, view));
                    }
                    ByteBuffer frame = ByteBuffer.allocate(200);
                    assertEquals(
                            frame.position() + ValueFrame.lengthOf(view),
                            StoreTransfer.of(store).copyFrame(key, frame, 200));
                    view.close();
                    assertTrue(store.remove(key), what);
                    assertFalse(store.contains(bytes), what);
                    assertNull(store.get(key));
                }
            }
        }
    }

    @Test
    void settingAKeyLeavesItsSourceAloneAndRefusesWhatIsNoKey() {
        Key key = Key.of(bytes("kept"));
        ByteBuffer buffer = ByteBuffer.allocateDirect(20).position(3).limit(9);
        key.set(buffer);
        assertEquals(3, buffer.position());
        assertEquals(9, buffer.limit());
        key.set(bytes("kept"));
        byte[] tooLong = new byte[Store.MAX_KEY_LENGTH + 1];
        assertThrows(IllegalArgumentException.class, () -> key.set(tooLong));
        assertThrows(IllegalArgumentException.class, () -> key.set(ByteBuffer.wrap(tooLong)));
        assertThrows(IllegalArgumentException.class, () -> key.set(ByteBuffer.allocateDirect(tooLong.length)));
        assertThrows(IllegalArgumentException.class, () -> key.set(MemorySegment.ofArray(tooLong)));
        assertThrows(IndexOutOfBoundsException.class, () -> key.set(tooLong, -1, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> key.set(tooLong, tooLong.length, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> key.set(tooLong, 1, -1));
        assertArrayEquals(bytes("kept"), key.toByteArray(), "a refused source changes nothing");
    }
}
