package dev.penstock.store.check;

/**
 * One segment of a store.
 *
 * @param file name of the file inside the store's directory
 * @param kind content and state of the segment
 * @param fileBytes size of the file
 * @param usedBytes bytes up to the end of the last record
 * @param liveBytes bytes of records that are current
 * @param recordCount number of records, including dead ones
 * @param tombstoneCount number of tombstones among them
 */
public record SegmentSummary(
        String file, Kind kind, long fileBytes, long usedBytes, long liveBytes, long recordCount, long tombstoneCount) {

    /** Content and state of a segment. */
    public enum Kind {
        /** Many records of the log; appended to, or the last one. */
        ACTIVE,
        /** Many records of the log; complete. */
        SEALED,
        /** One large value. */
        LARGE_VALUE
    }
}
