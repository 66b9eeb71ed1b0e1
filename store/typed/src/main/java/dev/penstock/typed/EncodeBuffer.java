package dev.penstock.typed;

import dev.penstock.store.Key;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/**
 * The bytes that a {@link Codec} writes, on the heap. It grows as needed, and is an {@link OutputStream} that never
 * fails, so that libraries can write to it. Not thread-safe.
 */
public final class EncodeBuffer extends OutputStream {

    private static final VarHandle SHORT = view(short[].class);
    private static final VarHandle INT = view(int[].class);
    private static final VarHandle LONG = view(long[].class);
    private static final int MAX_LENGTH = Integer.MAX_VALUE - 8;

    private byte[] bytes;
    private int length;

    EncodeBuffer(int capacity) {
        bytes = new byte[capacity];
    }

    private static VarHandle view(Class<?> arrayType) {
        return MethodHandles.byteArrayViewVarHandle(arrayType, ByteOrder.BIG_ENDIAN);
    }

    /**
     * Appends a byte.
     *
     * @param value the byte, in the low eight bits
     */
    @Override
    public void write(int value) {
        int offset = extend(1);
        bytes[offset] = (byte) value;
    }

    /**
     * Appends an array.
     *
     * @param source the bytes
     */
    @Override
    public void write(byte[] source) {
        write(source, 0, source.length);
    }

    /**
     * Appends a part of an array.
     *
     * @param source the array
     * @param from index of the first byte
     * @param count number of bytes
     * @throws IndexOutOfBoundsException if the array has no such part
     */
    @Override
    public void write(byte[] source, int from, int count) {
        Objects.checkFromIndexSize(from, count, source.length);
        int offset = extend(count);
        System.arraycopy(source, from, bytes, offset, count);
    }

    /**
     * Appends two bytes, big-endian.
     *
     * @param value the number
     */
    public void writeShort(short value) {
        int offset = extend(Short.BYTES);
        SHORT.set(bytes, offset, value);
    }

    /**
     * Appends four bytes, big-endian.
     *
     * @param value the number
     */
    public void writeInt(int value) {
        int offset = extend(Integer.BYTES);
        INT.set(bytes, offset, value);
    }

    /**
     * Appends eight bytes, big-endian.
     *
     * @param value the number
     */
    public void writeLong(long value) {
        int offset = extend(Long.BYTES);
        LONG.set(bytes, offset, value);
    }

    /** {@return the number of bytes that were appended} */
    public int length() {
        return length;
    }

    /** Does nothing. */
    @Override
    public void close() {}

    /** Makes space for more bytes behind the last one; returns where they begin. */
    private int extend(int count) {
        int offset = length;
        if (count > MAX_LENGTH - offset) {
            throw new IllegalArgumentException("an object that is encoded has at most " + MAX_LENGTH + " bytes");
        }
        int end = offset + count;
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(MAX_LENGTH, Math.max(end, 2L * bytes.length)));
        }
        length = end;
        return offset;
    }

    /** The bytes as a key, in place. */
    Key key() {
        return Key.of(bytes, 0, length);
    }

    /** The bytes in place. */
    MemorySegment segment() {
        return MemorySegment.ofArray(bytes).asSlice(0, length);
    }
}
