package dev.penstock.store;

/**
 * What a compaction did.
 *
 * @param bytesBefore bytes of all files before
 * @param bytesAfter bytes of all files after
 * @param recordsMoved live records written anew
 * @param recordsDropped dead records and tombstones left behind
 * @param segmentsRetired segments that were replaced
 */
public record CompactionReport(
        long bytesBefore, long bytesAfter, long recordsMoved, long recordsDropped, int segmentsRetired) {}
