package dev.penstock.store.internal.io;

/**
 * The whole pages that a stretch of addresses touches: what the kernel takes advice about, and answers questions about.
 *
 * @param begin address of the first page
 * @param length bytes from there to the end of the last page
 */
record PageSpan(long begin, long length) {

    /** @param pageLength a power of two */
    static PageSpan of(long address, long length, long pageLength) {
        long begin = address & -pageLength;
        long end = address + length + pageLength - 1 & -pageLength;
        return new PageSpan(begin, end - begin);
    }

    long pageCount(long pageLength) {
        return length / pageLength;
    }
}
