package dev.penstock.store.internal.index;

import dev.penstock.store.StoreFullException;
import dev.penstock.store.internal.io.NativeMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Where the key directory's memory comes from. A test puts one in its place that has no more to give. */
@FunctionalInterface
public interface IndexMemory {

    /** The system's. */
    IndexMemory SYSTEM = NativeMemory::allocate;

    /**
     * Zeroed memory of so many bytes, which ends with the arena.
     *
     * @throws OutOfMemoryError if there is none
     */
    MemorySegment allocate(long length, Arena arena);

    /**
     * The same with an exception that says what the memory was for.
     *
     * @throws StoreFullException if there is none
     */
    default MemorySegment require(long length, Arena arena) {
        try {
            return allocate(length, arena);
        } catch (OutOfMemoryError none) {
            throw new StoreFullException("the key directory needs " + length
                    + " more bytes of memory outside the heap, and the system has none: " + none.getMessage());
        }
    }
}
