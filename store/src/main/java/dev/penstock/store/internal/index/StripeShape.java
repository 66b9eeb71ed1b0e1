package dev.penstock.store.internal.index;

/**
 * The state of a stripe that is not in its buckets.
 *
 * @param expiringCount keys whose records expire
 * @param freeOverflow numbers of the overflow buckets that are free
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record StripeShape(int bucketCount, int overflowCount, long keyCount, long expiringCount, int[] freeOverflow) {

    /** Pages of buckets. */
    public int pageCount() {
        return DirectoryPages.pageCount(bucketCount);
    }

    /** Pages of overflow buckets. */
    public int overflowPageCount() {
        return DirectoryPages.pageCount(overflowCount);
    }
}
