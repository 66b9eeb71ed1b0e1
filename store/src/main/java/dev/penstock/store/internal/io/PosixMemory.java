package dev.penstock.store.internal.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The system calls that concern memory: mappings, advice, and the length of a page. They can be made where {@link
 * Posix#isAvailable}.
 *
 * <p>A mapped address is only ever handed to {@code madvise}, which answers EFAULT where a touch would be a fault; no
 * call here reads or writes mapped memory of the store.
 */
final class PosixMemory {

    static final int MADV_NORMAL = 0;
    static final int MADV_RANDOM = 1;
    static final int MADV_WILLNEED = 3;
    private static final int MADV_DONTDUMP = 16;
    static final int MADV_HUGEPAGE = 14;
    static final int MADV_NOHUGEPAGE = 15;
    static final int MADV_POPULATE_READ = 22;
    static final int MADV_POPULATE_WRITE = 23;

    private static final int PROT_READ = 1;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED_FIXED = 0x1 | 0x10;
    private static final int MAP_FIXED = 0x10;
    private static final int MAP_PRIVATE = 0x2;
    private static final int MAP_PRIVATE_ANONYMOUS_NORESERVE = MAP_PRIVATE | 0x20 | 0x4000;
    private static final long SHORTEST_PAGE = 4096;
    private static final long LONGEST_PAGE = 64 << 10;
    /** For tests: pages that are longer than those of this kernel. Calls are then checked as its kernel would do. */
    private static final @Nullable Long FORCED_PAGE = Long.getLong("penstock.pageLength");

    private PosixMemory() {}

    private static final class Pages {
        static final long LENGTH = FORCED_PAGE != null ? FORCED_PAGE : probe();

        /** The kernel refuses advice that does not begin with a page. */
        private static long probe() {
            long reserved =
                    Posix.call(Posix.Call.MMAP, 0, 2 * LONGEST_PAGE, PROT_READ, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0);
            if (isError(reserved)) {
                return LONGEST_PAGE;
            }
            long aligned = reserved + LONGEST_PAGE - 1 & -LONGEST_PAGE;
            long length = SHORTEST_PAGE;
            while (length < LONGEST_PAGE
                    && Posix.call(Posix.Call.MADVISE, aligned + length, length, MADV_NORMAL, 0, 0, 0)
                            == -ErrorNumber.EINVAL) {
                length <<= 1;
            }
            Posix.call(Posix.Call.MUNMAP, reserved, 2 * LONGEST_PAGE, 0, 0, 0, 0);
            return length;
        }
    }

    /** Bytes of a page of memory: 4, 16 or 64 KiB. */
    static long pageLength() {
        return Pages.LENGTH;
    }

    /** Advises the kernel about memory, in whole pages; 0 or an error number below zero. */
    static int madvise(long address, long length, int advice) {
        PageSpan pages = PageSpan.of(address, length, pageLength());
        return (int) Posix.call(Posix.Call.MADVISE, pages.begin(), pages.length(), advice, 0, 0, 0);
    }

    /** Whether all pages of a mapping, or of a part of one, are in memory. */
    static boolean isLoaded(MemorySegment mapping) {
        PageSpan pages = PageSpan.of(mapping.address(), mapping.byteSize(), pageLength());
        long count = pages.pageCount(pageLength());
        try (Arena arena = Arena.ofConfined()) {
            // A page that the kernel has may be shorter than one that a test forces.
            MemorySegment loaded = arena.allocate(pages.pageCount(SHORTEST_PAGE));
            long result = Posix.call(Posix.Call.MINCORE, pages.begin(), pages.length(), loaded.address(), 0, 0, 0);
            for (long page = 0; result == 0 && page < count; page++) {
                if ((loaded.get(ValueLayout.JAVA_BYTE, page) & 1) == 0) {
                    return false;
                }
            }
            return result == 0;
        }
    }

    /** Zeroed anonymous memory that takes no space until it is touched; released with the arena. */
    static MemorySegment mapAnonymous(long length, Arena arena) {
        long address = Posix.call(Posix.Call.MMAP, 0, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0);
        if (isError(address)) {
            throw new OutOfMemoryError("mmap of " + length + " bytes for the key directory failed");
        }
        return memory(address, length, arena);
    }

    /**
     * The beginning of a file as memory of this process's own, which shows the file where it was not stored to; null if
     * it cannot be mapped. The file need not be open for writing.
     */
    static @Nullable MemorySegment mapPrivate(int descriptor, long length, Arena arena) {
        long address = Posix.call(Posix.Call.MMAP, 0, length, PROT_READ_WRITE, MAP_PRIVATE, descriptor, 0);
        return isError(address) ? null : memory(address, length, arena);
    }

    /** Reserves addresses that read as zeros and take no memory; the first, or an error number below zero. */
    static long reserve(long length) {
        long address = Posix.call(Posix.Call.MMAP, 0, length, PROT_READ, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0);
        if (!isError(address)) {
            madvise(address, length, MADV_DONTDUMP);
        }
        return address;
    }

    /**
     * Puts zeroed memory in the place of what is mapped at an address; if false, nothing may be mapped there any more.
     */
    static boolean commit(long address, long length) {
        return fixed(address, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_NORESERVE | MAP_FIXED, -1);
    }

    /**
     * Puts the beginning of a file in the place of what is mapped at an address; if false, nothing may be mapped any
     * more.
     */
    static boolean mapShared(int descriptor, long address, long length, boolean writable) {
        return fixed(address, length, writable ? PROT_READ_WRITE : PROT_READ, MAP_SHARED_FIXED, descriptor);
    }

    /** Has addresses read as zeros again, whatever is mapped there; false, with nothing changed, if that fails. */
    static boolean clear(long address, long length) {
        boolean cleared = fixed(address, length, PROT_READ, MAP_PRIVATE_ANONYMOUS_NORESERVE | MAP_FIXED, -1);
        if (cleared) {
            madvise(address, length, MADV_DONTDUMP);
        }
        return cleared;
    }

    /** Atomic for other threads: a reader sees the old mapping or the new one. */
    private static boolean fixed(long address, long length, int protection, int flags, int descriptor) {
        if ((address & pageLength() - 1) != 0) {
            throw new IllegalArgumentException("no page of " + pageLength() + " bytes begins at " + address);
        }
        return Posix.call(Posix.Call.MMAP, address, length, protection, flags, descriptor, 0) == address;
    }

    private static boolean isError(long address) {
        return address < 0 && address > -4096;
    }

    @SuppressWarnings("restricted")
    private static MemorySegment memory(long address, long length, Arena arena) {
        return MemorySegment.ofAddress(address).reinterpret(length, arena, new Unmapping());
    }

    /** What the closing of an arena does. */
    private static final class Unmapping implements Consumer<MemorySegment> {

        @Override
        public void accept(MemorySegment memory) {
            Posix.call(Posix.Call.MUNMAP, memory.address(), memory.byteSize(), 0, 0, 0, 0);
        }
    }
}
