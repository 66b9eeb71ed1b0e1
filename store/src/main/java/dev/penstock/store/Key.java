package dev.penstock.store;

import dev.penstock.store.internal.engine.KeyBytes;
import dev.penstock.store.internal.format.Limits;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * Carries the bytes of a key to a method of the store: all or a part of an array, a buffer or a memory segment.
 *
 * <p>A key can be {@linkplain #set(byte[], int, int) set} repeatedly, and setting it allocates nothing: bytes on the
 * heap are used in place, others are copied into memory that the key keeps. Bytes on the heap must therefore not change
 * during a call that takes the key. No method of the store keeps a key beyond its call.
 *
 * <pre>{@code
 * Key key = new Key();
 * while (requests.next()) {
 *     if (store.get(key.set(requests.bytes(), requests.offset(), requests.length()), view)) {
 *         ...
 *     }
 * }
 * }</pre>
 *
 * <p>Not thread-safe: one thread at a time. Two keys are equal only if they are the same object.
 */
public final class Key extends KeyBytes {

    /** Holds bytes from outside the heap; grows as needed and is used again. */
    private byte[] copy = NONE;

    /** Creates an empty key, to be set. */
    public Key() {}

    /**
     * Returns a new key with the bytes of an array, which is not copied.
     *
     * @param bytes the array
     * @return a new key
     * @throws IllegalArgumentException if there are more than {@link Store#MAX_KEY_LENGTH} bytes
     */
    public static Key of(byte[] bytes) {
        return new Key().set(bytes);
    }

    /**
     * Returns a new key with a part of an array, which is not copied.
     *
     * @param bytes the array
     * @param offset index of the first byte
     * @param length number of bytes
     * @return a new key
     * @throws IndexOutOfBoundsException if the array has no such part
     * @throws IllegalArgumentException if {@code length} is greater than {@link Store#MAX_KEY_LENGTH}
     */
    public static Key of(byte[] bytes, int offset, int length) {
        return new Key().set(bytes, offset, length);
    }

    /**
     * Returns a new key with the bytes of a buffer from its position to its limit.
     *
     * @param bytes the buffer
     * @return a new key
     * @throws IllegalArgumentException if there are more than {@link Store#MAX_KEY_LENGTH} bytes
     */
    public static Key of(ByteBuffer bytes) {
        return new Key().set(bytes);
    }

    /**
     * Returns a new key with a copy of the bytes of a memory segment.
     *
     * @param bytes the segment
     * @return a new key
     * @throws IllegalArgumentException if there are more than {@link Store#MAX_KEY_LENGTH} bytes
     */
    public static Key of(MemorySegment bytes) {
        return new Key().set(bytes);
    }

    /**
     * Sets this key to the bytes of an array, which is not copied.
     *
     * @param bytes the array
     * @return this key
     * @throws IllegalArgumentException if there are more than {@link Store#MAX_KEY_LENGTH} bytes
     */
    public Key set(byte[] bytes) {
        return set(bytes, 0, bytes.length);
    }

    /**
     * Sets this key to a part of an array, which is not copied.
     *
     * @param bytes the array
     * @param from index of the first byte
     * @param count number of bytes
     * @return this key
     * @throws IndexOutOfBoundsException if the array has no such part
     * @throws IllegalArgumentException if {@code count} is greater than {@link Store#MAX_KEY_LENGTH}
     */
    public Key set(byte[] bytes, int from, int count) {
        Objects.checkFromIndexSize(from, count, bytes.length);
        Limits.checkKeyLength(count);
        array = bytes;
        offset = from;
        length = count;
        return this;
    }

    /**
     * Sets this key to the bytes of a buffer from its position to its limit, and changes neither. The bytes of a heap
     * buffer that is not read-only are not copied.
     *
     * @param bytes the buffer
     * @return this key
     * @throws IllegalArgumentException if there are more than {@link Store#MAX_KEY_LENGTH} bytes
     */
    public Key set(ByteBuffer bytes) {
        int count = bytes.remaining();
        if (bytes.hasArray()) {
            return set(bytes.array(), bytes.arrayOffset() + bytes.position(), count);
        }
        byte[] target = room(count);
        bytes.get(bytes.position(), target, 0, count);
        return set(target, 0, count);
    }

    /**
     * Sets this key to a copy of the bytes of a memory segment.
     *
     * @param bytes the segment
     * @return this key
     * @throws IllegalArgumentException if there are more than {@link Store#MAX_KEY_LENGTH} bytes
     */
    public Key set(MemorySegment bytes) {
        byte[] target = room(bytes.byteSize());
        int count = (int) bytes.byteSize();
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, target, 0, count);
        return set(target, 0, count);
    }

    private byte[] room(long count) {
        Limits.checkKeyLength(count);
        if (copy.length < count) {
            copy = new byte[Math.max((int) count, Math.min(Store.MAX_KEY_LENGTH, 2 * copy.length))];
        }
        return copy;
    }

    /** Makes this key empty, so that it references no caller's array. */
    public void clear() {
        set(NONE);
    }

    /** {@return the number of bytes} */
    public int length() {
        return length;
    }

    /** {@return a copy of the bytes} */
    public byte[] toByteArray() {
        return Arrays.copyOfRange(array, offset, offset + length);
    }

    byte[] array() {
        return array;
    }

    int offset() {
        return offset;
    }
}
