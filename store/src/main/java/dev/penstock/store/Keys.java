package dev.penstock.store;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/** Keys in the form that the engine works on: bytes on the heap, where they are hashed and compared fastest. */
final class Keys {

    private Keys() {}

    static byte[] of(MemorySegment key) {
        checkLength(key.byteSize());
        return key.toArray(ValueLayout.JAVA_BYTE);
    }

    static byte[] of(ByteBuffer key) {
        checkLength(key.remaining());
        byte[] bytes = new byte[key.remaining()];
        key.get(key.position(), bytes);
        return bytes;
    }

    static void checkLength(long length) {
        if (length > Store.MAX_KEY_LENGTH) {
            throw new IllegalArgumentException("a key is 0 to " + Store.MAX_KEY_LENGTH + " bytes long, not " + length);
        }
    }
}
