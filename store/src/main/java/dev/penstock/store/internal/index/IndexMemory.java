package dev.penstock.store.internal.index;

import dev.penstock.store.StoreFullException;
import dev.penstock.store.internal.io.NativeMemory;
import dev.penstock.store.internal.io.ReadableRange;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Allocates the key directory's memory. Tests replace it by one that runs out of memory. */
@FunctionalInterface
public interface IndexMemory {

    /** The system's. */
    IndexMemory SYSTEM = new IndexMemory() {
        @Override
        public MemorySegment allocate(long length, Arena arena) {
            return NativeMemory.allocate(length, arena);
        }

        @Override
        public @Nullable ReadableRange reserve() {
            return ReadableRange.reserve(RANGE_LENGTH);
        }
    };

    /** Addresses for the buckets of five thousand million keys. */
    long RANGE_LENGTH = 64L << 30;

    /**
     * Zeroed memory of the given size in bytes, released with the arena.
     *
     * @throws OutOfMemoryError if there is none
     */
    MemorySegment allocate(long length, Arena arena);

    /**
     * Addresses for an array of buckets that can be read at any time; null where there are none. Its length is a power
     * of two.
     */
    default @Nullable ReadableRange reserve() {
        return null;
    }

    /**
     * Zeroed memory at a place of such addresses.
     *
     * @throws OutOfMemoryError if there is none
     */
    default MemorySegment commit(ReadableRange range, long offset, long length, Arena arena) {
        return range.commit(offset, length, arena);
    }

    /**
     * The same with an exception that says what the memory was for.
     *
     * @throws StoreFullException if there is none
     */
    default MemorySegment require(long length, Arena arena) {
        try {
            return allocate(length, arena);
        } catch (OutOfMemoryError none) {
            throw noMemory(length, none);
        }
    }

    /** @throws StoreFullException if there is none */
    default MemorySegment requireIn(ReadableRange range, long offset, long length, Arena arena) {
        try {
            return commit(range, offset, length, arena);
        } catch (OutOfMemoryError none) {
            throw noMemory(length, none);
        }
    }

    private static StoreFullException noMemory(long length, OutOfMemoryError none) {
        return new StoreFullException("the key directory needs " + length
                + " more bytes of memory outside the heap, and the system has none: " + none.getMessage());
    }
}
