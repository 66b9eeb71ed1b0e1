package dev.penstock.store.internal.checkpoint;

import dev.penstock.store.internal.checkpoint.CheckpointState.StripeState;
import dev.penstock.store.internal.format.CheckpointHeader;
import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.ExpiryMark;
import dev.penstock.store.internal.index.DirectoryPages;
import dev.penstock.store.internal.index.StripeImage;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.DiskFile;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Writes one checkpoint, stripe by stripe, to a new file, and replaces the old checkpoint when the new one is durable.
 * A file that was not completed is deleted.
 *
 * <p>Each page is written where the reader maps it: the stripes are interleaved in the file as they are in memory. The
 * chunks follow each other in the order in which they are first needed.
 *
 * <p>One thread.
 */
final class CheckpointWriter implements Closeable {

    private final DiskDirectory directory;
    private final String temporary;
    private final String target;
    private final DiskFile file;
    private final Checksum checksum = new Checksum();
    private final List<ImageRegion> regions = new ArrayList<>();
    private final List<StripeState> stripes = new ArrayList<>();
    private long imageEnd = CheckpointHeader.IMAGE_OFFSET;
    private boolean committed;

    CheckpointWriter(DiskDirectory directory, String temporary, String target) throws IOException {
        this.directory = directory;
        this.temporary = temporary;
        this.target = target;
        this.file = directory.create(temporary);
    }

    /** Adds the next stripe. */
    void add(StripeImage image, long replayFrom) throws IOException {
        int stripe = stripes.size();
        for (int page = 0; page < image.shape().pageCount(); page++) {
            write(false, stripe, page, image.page(page));
        }
        for (int page = 0; page < image.shape().overflowPageCount(); page++) {
            write(true, stripe, page, image.overflowPage(page));
        }
        stripes.add(new StripeState(replayFrom, image.shape()));
    }

    private void write(boolean ofOverflow, int stripe, int page, MemorySegment content) throws IOException {
        ImageRegion region = region(ofOverflow, DirectoryPages.chunk(page));
        int index = region.index(stripe, page);
        region.checksum(index, checksum.of(content, 0, DirectoryPages.PAGE_LENGTH));
        file.write(content.asByteBuffer(), region.offset + (long) index * DirectoryPages.PAGE_LENGTH);
    }

    private ImageRegion region(boolean ofOverflow, int chunk) {
        for (ImageRegion region : regions) {
            if (region.ofOverflow == ofOverflow && region.chunk == chunk) {
                return region;
            }
        }
        ImageRegion region = new ImageRegion(ofOverflow, chunk, imageEnd, DirectoryPages.rowCount(chunk));
        regions.add(region);
        imageEnd += region.length();
        return region;
    }

    /** The stripes that were added. */
    List<StripeState> stripes() {
        return stripes;
    }

    /**
     * Writes the table behind the image, and has the checkpoint take effect. What it vouches for has been forced
     * before. Returns the length of the file.
     */
    long commit(UUID storeId, long durablePosition, long lastSequence, ExpiryMark expired, CheckpointState state)
            throws IOException {
        byte[] table = new CheckpointTable(state, regions).encode();
        file.write(ByteBuffer.wrap(table), imageEnd);
        commit(new CheckpointHeader(
                storeId, durablePosition, lastSequence, expired, table.length, checksum.of(table, 0, table.length)));
        return imageEnd + table.length;
    }

    void commit(CheckpointHeader header) throws IOException {
        file.write(ByteBuffer.wrap(header.encode()), 0);
        file.force();
        directory.rename(temporary, target);
        committed = true;
        directory.force();
    }

    @Override
    public void close() throws IOException {
        file.close();
        if (!committed) {
            directory.delete(temporary);
        }
    }
}
