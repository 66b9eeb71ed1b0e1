package dev.penstock.store;

import java.util.List;

/**
 * What a store is made of at a moment; see {@link Store#stats()}. Taken while others write, its figures need not fit one
 * another exactly.
 *
 * @param keyCount keys, expired ones that are still to be removed included
 * @param expiringCount of them, keys whose values expire at some time
 * @param liveBytes bytes of records that are current, large values included
 * @param deadBytes bytes of records that are not, which a compaction gives back
 * @param fileBytes bytes of all files that hold records, space allocated ahead included
 * @param segments the segments of the log, in log order
 * @param largeValueCount large values, each in a file of its own
 * @param largeValueBytes bytes of those files
 * @param expiredCount keys removed since the store was opened because they had expired
 * @param index the key directory
 * @param forceCounts at index {@code i}, how many forces since the store was opened took less than {@code 2^i} microseconds
 *     and not less than half that; empty if the store is read-only
 * @param compaction what compaction does and has done; {@link CompactionState#NONE} and zeros if the store is read-only
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

    public StoreStats {
        segments = List.copyOf(segments);
        forceCounts = List.copyOf(forceCounts);
    }

    /**
     * One segment of the log.
     *
     * @param file name of the file inside the store's directory
     * @param usedBytes bytes up to the end of the last record
     * @param liveBytes bytes of records in it that are current
     */
    public record SegmentStats(String file, long usedBytes, long liveBytes) {

        /** Bytes of records that are not current. */
        public long deadBytes() {
            return usedBytes - liveBytes;
        }
    }

    /**
     * The key directory.
     *
     * @param bytes of memory in use, outside the heap
     * @param bucketCount buckets of eight slots that keys hash to
     * @param overflowCount buckets that full ones lead on to
     * @param load keys for each slot that keys hash to
     * @param keysByDepth of a sample, how many keys lie in the bucket they hash to, how many one bucket behind it, and so on
     */
    public record IndexStats(long bytes, long bucketCount, long overflowCount, double load, List<Long> keysByDepth) {

        public IndexStats {
            keysByDepth = List.copyOf(keysByDepth);
        }
    }

    /** What the compaction in the background is doing. */
    public enum CompactionState {
        /** Nothing: its rate is 0. */
        PAUSED,
        /** Nothing: not enough has died. */
        IDLE,
        /** It empties segments. */
        RUNNING,
        /** Nothing: there is no room to copy to. It tries again every second. */
        OUT_OF_SPACE,
        /** There is none: the store is read-only. */
        NONE
    }

    /**
     * What was done since the store was opened, by compaction in the background or when asked for.
     *
     * @param state of the one in the background
     * @param movedBytes bytes of records written once more
     * @param appendedBytes bytes of all records written, those included
     * @param checkpointBytes bytes of checkpoints
     * @param segmentsRetired segments emptied and given up
     * @param waitingBytes bytes of files that are empty and go with the next checkpoint
     */
    public record CompactionStats(
            CompactionState state,
            long movedBytes,
            long appendedBytes,
            long checkpointBytes,
            long segmentsRetired,
            long waitingBytes) {

        /** How many bytes were written for each byte that was asked for: in all, over those that compaction did not write. */
        public double writeAmplification() {
            long asked = appendedBytes - movedBytes;
            return asked == 0 ? 1 : (double) (appendedBytes + checkpointBytes) / asked;
        }
    }
}
