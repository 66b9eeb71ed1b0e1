package dev.penstock.store.internal.checkpoint;

import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.index.DirectoryPages;
import dev.penstock.store.internal.index.KeyDirectory;
import java.nio.IntBuffer;
import java.util.Arrays;

/**
 * A chunk of the key directory's memory in the file. It is as long as in memory, although only its first rows are
 * written, each page with its checksum. A page that a stripe does not reach reads as zeros.
 */
final class ImageRegion {

    private static final int EMPTY_PAGE_CHECKSUM =
            new Checksum().of(new byte[DirectoryPages.PAGE_LENGTH], 0, DirectoryPages.PAGE_LENGTH);

    final boolean ofOverflow;
    final int chunk;
    /** Of the region's first byte in the file. */
    final long offset;

    private final int[] checksums;
    private int rowCount;

    ImageRegion(boolean ofOverflow, int chunk, long offset, int maxRowCount) {
        this.ofOverflow = ofOverflow;
        this.chunk = chunk;
        this.offset = offset;
        this.checksums = new int[maxRowCount * KeyDirectory.STRIPE_COUNT];
        Arrays.fill(checksums, EMPTY_PAGE_CHECKSUM);
    }

    long length() {
        return DirectoryPages.chunkLength(chunk);
    }

    /** Rows that are written, at least in part. */
    int rowCount() {
        return rowCount;
    }

    /** Pages of those rows; they are numbered by row and then by stripe. */
    int pageCount() {
        return rowCount * KeyDirectory.STRIPE_COUNT;
    }

    int checksum(int index) {
        return checksums[index];
    }

    void checksum(int index, int checksum) {
        checksums[index] = checksum;
        rowCount = Math.max(rowCount, index / KeyDirectory.STRIPE_COUNT + 1);
    }

    /** Takes the checksums of so many rows, as they lie in a table. */
    void checksums(IntBuffer table, int rows) {
        rowCount = rows;
        table.get(checksums, 0, pageCount());
    }

    /** Number of a stripe's page within the region, from its number within the stripe. */
    int index(int stripe, int page) {
        return (page - DirectoryPages.firstPage(chunk)) * KeyDirectory.STRIPE_COUNT + stripe;
    }
}
