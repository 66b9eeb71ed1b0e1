package dev.penstock.store.internal.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a value that a record will hold: all of an array, or a memory segment. Most values are arrays, and no
 * segment is made for them. Reused from write to write; one thread at a time.
 */
public final class ValueBytes {

    /** Null if the bytes are not on the heap. */
    private byte @Nullable [] array;

    private int from;
    private long length;
    /** Null if the bytes are in the array. */
    private @Nullable MemorySegment memory;

    /** The bytes are those of an array. */
    public void set(byte[] bytes) {
        array = bytes;
        from = 0;
        length = bytes.length;
        memory = null;
    }

    /** The bytes are those of a segment. */
    public void set(MemorySegment bytes) {
        length = bytes.byteSize();
        if (bytes.heapBase().orElse(null) instanceof byte[] base) {
            array = base;
            from = (int) bytes.address(); // the address of a heap segment is its offset in the array
            memory = null;
        } else {
            array = null;
            memory = bytes;
        }
    }

    /** Lets the caller's memory go. */
    public void clear() {
        array = null;
        memory = null;
        length = 0;
    }

    public long length() {
        return length;
    }

    /** The array that they are in, from {@link #from} on; null if they are not on the heap. */
    byte @Nullable [] array() {
        return array;
    }

    int from() {
        return from;
    }

    void copyTo(MemorySegment target, long offset) {
        byte[] onHeap = array;
        if (onHeap != null) {
            MemorySegment.copy(onHeap, from, target, ValueLayout.JAVA_BYTE, offset, (int) length);
        } else {
            MemorySegment.copy(Objects.requireNonNull(memory), 0, target, offset, length);
        }
    }
}
