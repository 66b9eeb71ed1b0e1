package dev.penstock.store.internal.index;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/**
 * Memory for a copy of one stripe, used for one stripe after the other. It is prepared before the stripe's lock is
 * taken, so that only the copying happens under the lock.
 *
 * <p>The copy is of the moment when it began. It is made a few pages at a time, each time under the lock. Between them
 * a writer that is about to change a page has it copied first, unless it has been.
 *
 * <p>One thread, and while a copy is under way any that holds the stripe's lock.
 */
public final class StripeImage implements AutoCloseable {

    /** A stripe may grow a little between the look at its size and the copy. */
    private static final int SPARE_PAGES = 16;

    private Arena arena = Arena.ofShared(); // writers keep pages in it
    private MemorySegment memory = MemorySegment.NULL;

    @SuppressWarnings("NullAway.Init") // a stripe is taken before anyone looks at it
    private StripeShape shape;

    /**
     * Which pages are copied, the overflow pages behind the others. It has the length that it needs from the beginning,
     * since a writer keeps a page when nothing may fail any more.
     */
    private BitSet copied = new BitSet();

    /** All pages below are copied. */
    private int nextPage;

    /** Whether there is space for so many pages. */
    boolean holds(int pageCount) {
        return (long) pageCount * DirectoryPages.PAGE_LENGTH <= memory.byteSize();
    }

    /** Makes room for so many pages and some more, every one of them touched. */
    void ensure(int pageCount) {
        if (!holds(pageCount + SPARE_PAGES)) {
            arena.close();
            arena = Arena.ofShared();
            memory = MemorySegment.NULL;
            long pages = (long) pageCount + pageCount / 8 + SPARE_PAGES;
            copied = new BitSet((int) pages);
            memory = IndexMemory.SYSTEM.require(pages * DirectoryPages.PAGE_LENGTH, arena);
            memory.fill((byte) 0);
        }
    }

    /** Begins a copy of a stripe that has this shape now. */
    void begin(StripeShape now) {
        shape = now;
        copied.clear();
        nextPage = 0;
    }

    /** Copies a page that is about to change, if it belongs to the copy and is not in it yet. Allocates nothing. */
    void keep(boolean ofOverflow, int page, int stripe, BucketArray array) {
        if (page < (ofOverflow ? shape.overflowPageCount() : shape.pageCount())) {
            int index = ofOverflow ? shape.pageCount() + page : page;
            if (!copied.get(index)) {
                copy(index, page, stripe, array);
            }
        }
    }

    /** Copies a number of pages that are not copied yet; whether all are now. */
    boolean copyMore(int pageCount, int stripe, BucketArray buckets, BucketArray overflow) {
        int end = shape.pageCount() + shape.overflowPageCount();
        for (int left = pageCount; left > 0 && nextPage < end; nextPage++) {
            if (!copied.get(nextPage)) {
                boolean ofOverflow = nextPage >= shape.pageCount();
                int page = ofOverflow ? nextPage - shape.pageCount() : nextPage;
                copy(nextPage, page, stripe, ofOverflow ? overflow : buckets);
                left--;
            }
        }
        return nextPage == end;
    }

    private void copy(int index, int page, int stripe, BucketArray array) {
        array.copyPage(stripe, page, memory, (long) index * DirectoryPages.PAGE_LENGTH);
        copied.set(index);
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
