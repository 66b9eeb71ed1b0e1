package dev.penstock.store.check;

import java.util.List;
import java.util.UUID;

/**
 * The result of {@link StoreInspector#inspect}.
 *
 * @param storeId identity of the store, chosen at random when it was created
 * @param formatVersion version of the file format
 * @param segmentSize size in bytes of the log's segments
 * @param keyCount number of live keys
 * @param liveBytes bytes of records that a compaction would keep
 * @param deadBytes bytes of records that a compaction would drop
 * @param totalBytes bytes of the files of all segments
 * @param lastSequence sequence of the newest record
 * @param segments the segments in log order
 */
public record StoreSummary(
        UUID storeId,
        int formatVersion,
        long segmentSize,
        long keyCount,
        long liveBytes,
        long deadBytes,
        long totalBytes,
        long lastSequence,
        List<SegmentSummary> segments) {

    /** Copies the list. */
    public StoreSummary {
        segments = List.copyOf(segments);
    }
}
