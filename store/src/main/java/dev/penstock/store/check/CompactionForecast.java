package dev.penstock.store.check;

/**
 * What a full compaction would do.
 *
 * @param segmentCount segments that it would rewrite
 * @param copiedBytes bytes of live records that it would copy
 * @param bytesBefore bytes of records in the log now
 * @param bytesAfter the same afterwards; a little more if tombstones must stay
 */
public record CompactionForecast(int segmentCount, long copiedBytes, long bytesBefore, long bytesAfter) {}
