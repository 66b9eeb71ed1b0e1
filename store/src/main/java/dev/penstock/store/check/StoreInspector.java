package dev.penstock.store.check;

import dev.penstock.store.PageLostException;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.StoreException;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.io.PosixDisk;
import dev.penstock.store.internal.segment.Segment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Summarizes the files of a store. Reads headers and keys, not values; changes nothing and takes no lock. */
public final class StoreInspector {

    private StoreInspector() {}

    /**
     * Inspects a store.
     *
     * @param directory the directory of the store
     * @param listener called on this thread as the inspection progresses
     * @return a summary of the files
     * @throws dev.penstock.store.NotAStoreException if the directory holds no store
     * @throws dev.penstock.store.FormatVersionException if a newer version made it
     * @throws dev.penstock.store.CorruptionException if too much is missing to walk the files
     */
    public static StoreSummary inspect(Path directory, ProgressListener listener) {
        try (StoreWalk walk = StoreWalk.open(new PosixDisk(), directory)) {
            walk.walk(false, listener);
            PageFaults.deliver();
            return summarise(walk);
        } catch (IOException e) {
            throw StoreException.of("reading " + directory, e);
        } catch (InternalError e) {
            throw new PageLostException(directory.toString(), 0, "a page of one of its files could not be supplied", e);
        }
    }

    private static StoreSummary summarise(StoreWalk walk) throws IOException {
        List<SegmentSummary> summaries = new ArrayList<>();
        List<Segment> log = walk.segments.logSegments();
        for (Segment segment : log) {
            StoreWalk.Tally tally = walk.tally(segment);
            summaries.add(new SegmentSummary(
                    segment.name(),
                    segment == log.getLast() ? SegmentSummary.Kind.ACTIVE : SegmentSummary.Kind.SEALED,
                    segment.memory().byteSize(),
                    segment.usedLength(),
                    segment.liveBytes().sum(),
                    tally.recordCount,
                    tally.tombstoneCount));
        }
        for (long number : walk.largeNumbers) {
            String name = FileNames.largeValue(number);
            long length = walk.fileLength(name);
            if (length == 0) {
                // The store's owner has removed it meanwhile.
                continue;
            }
            boolean current = walk.replay.references().containsKey(number);
            summaries.add(new SegmentSummary(
                    name, SegmentSummary.Kind.LARGE_VALUE, length, length, current ? length : 0, 1, 0));
        }
        long live = summaries.stream().mapToLong(SegmentSummary::liveBytes).sum();
        long used = summaries.stream().mapToLong(SegmentSummary::usedBytes).sum();
        return new StoreSummary(
                walk.identity.storeId(),
                Identity.FORMAT_VERSION,
                walk.segments.segmentSize(),
                walk.directory.count(),
                live,
                used - live,
                summaries.stream().mapToLong(SegmentSummary::fileBytes).sum(),
                walk.replay.lastSequence(),
                summaries);
    }
}
