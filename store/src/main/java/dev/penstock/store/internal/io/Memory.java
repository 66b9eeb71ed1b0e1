package dev.penstock.store.internal.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory and what the kernel can be told about it. Without native access each call has a portable second-best. */
public final class Memory {

    private static final long PAGE_SIZE = 4096;

    private Memory() {}

    /** Zeroed memory outside the heap, which takes no room before it is touched where the system allows that. */
    public static MemorySegment allocate(long length, Arena arena) {
        return Posix.AVAILABLE ? Posix.mapAnonymous(length, arena) : arena.allocate(length, PAGE_SIZE);
    }

    /** Asks for huge pages behind memory that {@link #allocate} gave. */
    public static void adviseHugePages(MemorySegment memory) {
        if (Posix.AVAILABLE) {
            Posix.madvise(memory.address(), memory.byteSize(), Posix.MADV_HUGEPAGE);
        }
    }

    /**
     * Has the kernel fault in pages of a writable mapping, so that the threads which store there do not. Best effort: a
     * page that cannot be supplied is found out by whoever touches it.
     *
     * @param offset a multiple of the page size
     */
    public static void populateForWriting(MemorySegment mapping, long offset, long length) {
        if (Posix.AVAILABLE) {
            Posix.madvise(mapping.address() + offset, length, Posix.MADV_POPULATE_WRITE);
        }
    }

    /** Has the kernel map pages that are, or then will be, in the page cache. Best effort, as above. */
    public static void populateForReading(MemorySegment mapping, long offset, long length) {
        if (Posix.AVAILABLE) {
            Posix.madvise(mapping.address() + offset, length, Posix.MADV_POPULATE_READ);
        }
    }
}
