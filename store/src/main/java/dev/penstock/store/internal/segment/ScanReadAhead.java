package dev.penstock.store.internal.segment;

import dev.penstock.store.internal.io.NativeMemory;
import java.lang.foreign.MemorySegment;

/**
 * Reads a segment's pages ahead of a sequential scan. The kernel does it, in long reads, because a page fault in Java
 * code delays all threads at the next safepoint. One thread.
 */
final class ScanReadAhead {

    private static final long PAGE_MASK = 4095;
    private static final long STEP_LENGTH = 1 << 20;

    private final MemorySegment memory;
    private final long limit;
    private long suppliedTo;

    /** @param limit end of what will be walked */
    ScanReadAhead(MemorySegment memory, long from, long limit) {
        this.memory = memory;
        this.limit = limit;
        this.suppliedTo = from & ~PAGE_MASK;
    }

    /** Returns when everything up to an offset has been supplied. */
    void upTo(long offset) {
        long end = Math.min(offset, limit);
        if (end > suppliedTo) {
            long from = suppliedTo;
            suppliedTo = Math.min(limit, Math.max(end, from + STEP_LENGTH)) + PAGE_MASK & ~PAGE_MASK;
            NativeMemory.populateForReading(memory, from, suppliedTo - from);
        }
    }
}
