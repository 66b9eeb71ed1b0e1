package dev.penstock.store.internal.index;

/**
 * The layout of the key directory's memory, in a process and in a checkpoint.
 *
 * <p>A <em>page</em> holds {@value #BUCKETS_PER_PAGE} buckets of one stripe. Pages of the same number lie side by side,
 * one for each stripe: a <em>row</em>. Rows lie in <em>chunks</em>: one row in the first and in the second, and then
 * each chunk has as many as all before it. There are two such arrays, one for buckets and one for overflow buckets.
 */
public final class DirectoryPages {

    public static final int BUCKETS_PER_PAGE = 64;
    public static final int PAGE_LENGTH = 4096;
    public static final int ROW_LENGTH = PAGE_LENGTH * KeyDirectory.STRIPE_COUNT;
    public static final int CHUNK_COUNT = Integer.SIZE - Integer.numberOfTrailingZeros(BUCKETS_PER_PAGE);

    private DirectoryPages() {}

    /** The chunk that a page lies in. */
    public static int chunk(int page) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(page);
    }

    /** The first page of a chunk; also how many rows lie before it. */
    public static int firstPage(int chunk) {
        return chunk == 0 ? 0 : 1 << chunk - 1;
    }

    /** Rows of a chunk. */
    public static int rowCount(int chunk) {
        return 1 << Math.max(0, chunk - 1);
    }

    /** Bytes of a chunk. */
    public static long chunkLength(int chunk) {
        return (long) rowCount(chunk) * ROW_LENGTH;
    }

    /** Pages that so many buckets take. */
    public static int pageCount(int bucketCount) {
        return (bucketCount + BUCKETS_PER_PAGE - 1) / BUCKETS_PER_PAGE;
    }
}
