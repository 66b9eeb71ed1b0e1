package dev.penstock.store;

/**
 * The result of a full compaction.
 *
 * @param bytesBefore bytes of all files before the compaction
 * @param bytesAfter bytes of all files after it
 * @param recordsMoved number of live records that were rewritten
 * @param recordsDropped number of dead records and tombstones that were dropped
 * @param segmentsRetired number of segments that were emptied
 */
public record CompactionReport(
        long bytesBefore, long bytesAfter, long recordsMoved, long recordsDropped, int segmentsRetired) {}
