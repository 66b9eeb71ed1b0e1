package dev.penstock.store;

import java.util.List;

/**
 * Statistics of a store; see {@link Store#stats()}. If others write meanwhile, the figures may differ slightly from one
 * another.
 *
 * @param keyCount number of keys, including expired ones that are not yet removed
 * @param expiringCount number of keys that have an expiry
 * @param liveBytes bytes of live records, including large values
 * @param deadBytes bytes of dead records, which compaction frees
 * @param fileBytes bytes of the log and value files, including space allocated in advance
 * @param segments the segments of the log, in log order
 * @param largeValueCount number of large values, each in a separate file
 * @param largeValueBytes bytes of those files
 * @param expiredCount number of expired keys removed since the store was opened
 * @param index the key directory
 * @param forceCounts at index {@code i}, the number of forces since the store was opened that took less than {@code
 *     2^i} microseconds, but at least half of that; empty if the store is read-only
 * @param compaction state and totals of compaction; {@link CompactionState#NONE} and zeros if the store is read-only
 */
public record StoreStats(
        long keyCount,
        long expiringCount,
        long liveBytes,
        long deadBytes,
        long fileBytes,
        List<SegmentStats> segments,
        long largeValueCount,
        long largeValueBytes,
        long expiredCount,
        IndexStats index,
        List<Long> forceCounts,
        CompactionStats compaction) {

    /** Copies the lists. */
    public StoreStats {
        segments = List.copyOf(segments);
        forceCounts = List.copyOf(forceCounts);
    }

    /**
     * One segment of the log.
     *
     * @param file name of the file inside the store's directory
     * @param usedBytes bytes up to the end of the last record
     * @param liveBytes bytes of live records in it
     */
    public record SegmentStats(String file, long usedBytes, long liveBytes) {

        /** {@return the bytes of dead records} */
        public long deadBytes() {
            return usedBytes - liveBytes;
        }
    }

    /**
     * The key directory.
     *
     * @param bytes of memory in use, outside the heap
     * @param bucketCount buckets of eight slots that keys hash to
     * @param overflowCount overflow buckets, linked from full ones
     * @param load keys per slot of the buckets that keys hash to
     * @param keysByDepth of a sample: the number of keys in the bucket they hash to, in the first overflow bucket, and
     *     so on
     */
    public record IndexStats(long bytes, long bucketCount, long overflowCount, double load, List<Long> keysByDepth) {

        /** Copies the list. */
        public IndexStats {
            keysByDepth = List.copyOf(keysByDepth);
        }
    }

    /** State of the background compaction. */
    public enum CompactionState {
        /** Paused: its rate is 0. */
        PAUSED,
        /** Idle: there are too few dead bytes. */
        IDLE,
        /** Rewriting segments. */
        RUNNING,
        /** Blocked: the disk has no space for the copies. It retries every second. */
        OUT_OF_SPACE,
        /** The store is read-only and has no compaction. */
        NONE
    }

    /**
     * Totals of compaction since the store was opened, in the background or by {@link Store#compact}.
     *
     * @param state state of the background compaction
     * @param movedBytes bytes of records that compaction rewrote
     * @param appendedBytes bytes of all records written, including those
     * @param checkpointBytes bytes of checkpoints
     * @param segmentsRetired number of segments emptied and deleted, or about to be
     * @param waitingBytes bytes of emptied files that the next checkpoint deletes
     */
    public record CompactionStats(
            CompactionState state,
            long movedBytes,
            long appendedBytes,
            long checkpointBytes,
            long segmentsRetired,
            long waitingBytes) {

        /**
         * Returns the write amplification: bytes of all records and checkpoints written, divided by the bytes of
         * records that compaction did not write.
         *
         * @return the factor; 1 if nothing was written
         */
        public double writeAmplification() {
            long asked = appendedBytes - movedBytes;
            return asked == 0 ? 1 : (double) (appendedBytes + checkpointBytes) / asked;
        }
    }
}
