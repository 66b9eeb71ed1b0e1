package dev.penstock.store.internal.index;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory for a copy of one stripe, used for one stripe after the other. It is prepared before the stripe's lock is
 * taken, so that only the copying happens under the lock.
 *
 * <p>One thread.
 */
public final class StripeImage implements AutoCloseable {

    /** A stripe may grow a little between the look at its size and the copy. */
    private static final int SPARE_PAGES = 16;

    private Arena arena = Arena.ofConfined();
    private MemorySegment memory = MemorySegment.NULL;

    @SuppressWarnings("NullAway.Init") // a stripe is taken before anyone looks at it
    private StripeShape shape;

    /** Whether there is space for so many pages. */
    boolean holds(int pageCount) {
        return (long) pageCount * DirectoryPages.PAGE_LENGTH <= memory.byteSize();
    }

    /** Makes room for so many pages and some more, every one of them touched. */
    void ensure(int pageCount) {
        if (!holds(pageCount + SPARE_PAGES)) {
            arena.close();
            arena = Arena.ofConfined();
            memory = MemorySegment.NULL;
            long pages = (long) pageCount + pageCount / 8 + SPARE_PAGES;
            memory = IndexMemory.SYSTEM.require(pages * DirectoryPages.PAGE_LENGTH, arena);
            memory.fill((byte) 0);
        }
    }

    void take(StripeShape taken, int stripe, BucketArray buckets, BucketArray overflow) {
        shape = taken;
        buckets.copyPages(stripe, taken.pageCount(), memory, 0);
        overflow.copyPages(
                stripe, taken.overflowPageCount(), memory, (long) taken.pageCount() * DirectoryPages.PAGE_LENGTH);
    }

    public StripeShape shape() {
        return shape;
    }

    /** A page of buckets; valid until the next stripe is taken, like the one below. */
    public MemorySegment page(int page) {
        return memory.asSlice((long) page * DirectoryPages.PAGE_LENGTH, DirectoryPages.PAGE_LENGTH);
    }

    /** A page of overflow buckets. */
    public MemorySegment overflowPage(int page) {
        return page(shape.pageCount() + page);
    }

    @Override
    public void close() {
        arena.close();
    }
}
