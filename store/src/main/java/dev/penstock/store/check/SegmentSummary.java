package dev.penstock.store.check;

/**
 * One segment of a store.
 *
 * @param file name of the file inside the store's directory
 * @param kind what the segment holds
 * @param fileBytes size of the file
 * @param usedBytes bytes up to the end of the last record
 * @param liveBytes bytes of records that are current
 * @param recordCount records in it, dead ones included
 * @param tombstoneCount how many of them are tombstones
 */
public record SegmentSummary(
        String file, Kind kind, long fileBytes, long usedBytes, long liveBytes, long recordCount, long tombstoneCount) {

    /** What a segment holds. */
    public enum Kind {
        /** Many records of the log; appended to, or the last one. */
        ACTIVE,
        /** Many records of the log; complete. */
        SEALED,
        /** One large value. */
        LARGE_VALUE
    }
}
