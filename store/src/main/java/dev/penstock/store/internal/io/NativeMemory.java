package dev.penstock.store.internal.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** Memory and what the kernel can be told about it. Without native access each call has a portable second-best. */
public final class NativeMemory {

    /** Length of a huge page. */
    public static final long HUGE_PAGE_LENGTH = 2L << 20;

    private static final long PAGE_SIZE = 4096;

    /** Up to here zeroing is quicker than a system call of its own, and than getting ready for one. */
    private static final long SMALL_LENGTH = 1L << 20;

    private static final long LINE_LENGTH = 64;
    private static final VarHandle WORD = ValueLayout.JAVA_LONG_UNALIGNED.varHandle();

    private static final int ZEROS_LENGTH = 64 * 1024;
    private static final MemorySegment ZEROS = MemorySegment.ofArray(new byte[ZEROS_LENGTH]);

    private NativeMemory() {}

    /** Returns the end of the last byte from an offset on that is not zero, or the offset if all are. */
    public static long endOfContent(MemorySegment memory, long offset) {
        long end = memory.byteSize();
        while (end - offset >= Long.BYTES && memory.get(ValueLayout.JAVA_LONG_UNALIGNED, end - Long.BYTES) == 0) {
            end -= Long.BYTES;
        }
        while (end > offset && memory.get(ValueLayout.JAVA_BYTE, end - 1) == 0) {
            end--;
        }
        return end;
    }

    /** Zeroed memory outside the heap, which takes no space before it is touched where the system allows that. */
    public static MemorySegment allocate(long length, Arena arena) {
        return length > SMALL_LENGTH && Posix.isAvailable()
                ? PosixMemory.mapAnonymous(length, arena)
                : arena.allocate(length, PAGE_SIZE);
    }

    /**
     * Asks for huge pages behind memory that {@link #allocate} gave, or behind a mapping whose pages are still to come.
     */
    public static void adviseHugePages(MemorySegment memory) {
        if (Posix.isAvailable()) {
            PosixMemory.madvise(memory.address(), memory.byteSize(), PosixMemory.MADV_HUGEPAGE);
        }
    }

    /** Asks for small pages from here on; huge ones that are there stay. */
    public static void adviseSmallPages(MemorySegment memory) {
        if (Posix.isAvailable()) {
            PosixMemory.madvise(memory.address(), memory.byteSize(), PosixMemory.MADV_NOHUGEPAGE);
        }
    }

    /**
     * Asks the kernel to fault in pages of a writable mapping, so that the threads that store there need not. Best
     * effort: a page that cannot be supplied causes an error when it is touched.
     *
     * @param offset a multiple of the page size
     */
    public static void populateForWriting(MemorySegment mapping, long offset, long length) {
        if (Posix.isAvailable()) {
            PosixMemory.madvise(mapping.address() + offset, length, PosixMemory.MADV_POPULATE_WRITE);
        }
    }

    /**
     * Sets whether a page fault in a mapping also reads the pages around it, as the kernel does by default, or just
     * that page.
     */
    public static void adviseReadAround(MemorySegment mapping, boolean around) {
        if (Posix.isAvailable()) {
            PosixMemory.madvise(
                    mapping.address(), mapping.byteSize(), around ? PosixMemory.MADV_NORMAL : PosixMemory.MADV_RANDOM);
        }
    }

    /** Has the kernel fault in pages of a mapping, and read what is missing at once. Best effort, like the above. */
    public static void populateForReading(MemorySegment mapping, long offset, long length) {
        if (Posix.isAvailable()) {
            PosixMemory.madvise(mapping.address() + offset, length, PosixMemory.MADV_WILLNEED);
            PosixMemory.madvise(mapping.address() + offset, length, PosixMemory.MADV_POPULATE_READ);
        }
    }

    /** Whether all pages of a mapping, or of a part of one, are in memory. */
    public static boolean isLoaded(MemorySegment mapping) {
        return Posix.isAvailable() ? PosixMemory.isLoaded(mapping) : mapping.isLoaded();
    }

    /** Has the processor fetch memory all at once, where it would wait for one line before it knew which is next. */
    public static void fetch(MemorySegment memory, long from, long until) {
        long loaded = 0;
        for (long at = from; at <= until - Long.BYTES; at += LINE_LENGTH) {
            loaded += (long) WORD.get(memory, at);
        }
        keep(loaded);
    }

    /** So that loads which were made for their own sake are not in vain for the compiler. */
    public static void keep(long loaded) {
        if (loaded == 1) {
            // Hardly ever, and harmless.
            Thread.onSpinWait();
        }
    }

    /** The offset of the first byte from an offset on that is not zero; the end of the segment if all are. */
    public static long skipZeros(MemorySegment segment, long offset) {
        long size = segment.byteSize();
        for (long at = offset; at < size; ) {
            long length = Math.min(ZEROS_LENGTH, size - at);
            long different = MemorySegment.mismatch(segment, at, at + length, ZEROS, 0, length);
            if (different >= 0) {
                return at + different;
            }
            at += length;
        }
        return size;
    }
}
