package dev.penstock.store.internal.compaction;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides when compaction begins, when it ends, and which segment is next. A pure function of figures.
 *
 * <p><b>When.</b> By the ratio of the log's file size to its live bytes. The ratios of beginning and end differ, so
 * that a log at the limit is not compacted for every record. A few segments' worth of dead bytes is always tolerated:
 * otherwise a small store would be rewritten for little space.
 *
 * <p><b>Which.</b> The one with the best ratio of benefit to cost, as in Sprite LFS (Mendel Rosenblum and John K.
 * Ousterhout, "The Design and Implementation of a Log-Structured File System", ACM TOCS 10(1), 1992, section 3.5): the
 * free space won, times how long it is likely to stay free, over the bytes read and written, {@code (1 - u) * age / (1
 * + u)}. The age of a segment is its distance from the tail in segments. Records that have been live for long are
 * likely to stay so. An old segment is therefore worth rewriting for less free space than a young one, in which more
 * records will die at no cost.
 *
 * <p><b>Tombstones</b> are dead bytes that must still be copied while an older segment exists, so they count as live,
 * except in the oldest segment. If most dead bytes are tombstones, no segment looks worthwhile, and compaction takes
 * the oldest. Each time, other tombstones come closer to the oldest segment, where they are dropped.
 */
public final class CompactionPolicy {

    /** Compaction begins where the files take more than so many times what is live, */
    static final double BEGIN_RATIO = 1.40;
    /** and continues until they take less than that. */
    static final double END_RATIO = 1.37;
    /** From here on its rate is not limited, */
    static final double URGENT_RATIO = 1.43;

    /**
     * and from here on writers are held back: some way below one and a half, because files go later than they are
     * emptied.
     */
    static final double TOO_MUCH_RATIO = 1.45;

    private static final double BEGIN_SEGMENTS = 2;
    private static final double END_SEGMENTS = 1.5;
    private static final double URGENT_SEGMENTS = 3;
    private static final double TOO_MUCH_SEGMENTS = 4;

    /** Emptied files that wait for a checkpoint may take this part of what is live, */
    private static final int WAITING_FRACTION = 8;
    /** and so many segments at least. */
    private static final int WAITING_SEGMENTS = 2;

    /** To rewrite a segment of which less is dead costs more than nineteen bytes of copying for each byte won. */
    private static final int WORTHWHILE_FRACTION = 20;
    /** Less than a block of the file system is not released anyway. */
    private static final long WORTHWHILE_LENGTH = 4096;

    /**
     * A sealed segment.
     *
     * @param usedBytes bytes up to the end of the last record
     * @param liveBytes of them, bytes of current records
     * @param tombstoneBytes of the others, bytes of tombstones
     */
    record SegmentState(long number, long usedBytes, long liveBytes, long tombstoneBytes) {

        long deadBytes() {
            return usedBytes - liveBytes;
        }

        private long mustCopyBytes(boolean oldest) {
            return Math.min(usedBytes, oldest ? liveBytes : liveBytes + tombstoneBytes);
        }

        private double score(long age, boolean oldest) {
            double utilization = (double) mustCopyBytes(oldest) / usedBytes;
            return (1 - utilization) * age / (1 + utilization);
        }
    }

    /**
     * The log, without large values: their room is released at once.
     *
     * @param sealed the segments that are not appended to and not emptied yet, in log order
     * @param liveBytes bytes of all current records
     * @param aheadBytes allocated for what will be appended, the segment that is appended to included
     * @param waitingBytes of segments that are emptied, and whose files are still there
     */
    record LogState(List<SegmentState> sealed, long segmentSize, long liveBytes, long aheadBytes, long waitingBytes) {

        LogState {
            sealed = List.copyOf(sealed);
        }

        long deadBytes() {
            return sealed.stream().mapToLong(SegmentState::deadBytes).sum();
        }

        long fileBytes() {
            return sealed.stream().mapToLong(SegmentState::usedBytes).sum() + aheadBytes + waitingBytes;
        }

        private boolean exceeds(double ratio, double segmentCount) {
            return deadBytes() > segmentCount * segmentSize && fileBytes() > ratio * liveBytes;
        }
    }

    private CompactionPolicy() {}

    /** Whether enough has died to begin. */
    static boolean isDue(LogState log) {
        return log.exceeds(BEGIN_RATIO, BEGIN_SEGMENTS);
    }

    /** Whether so little is left that compaction, once begun, should end. */
    static boolean isEnough(LogState log) {
        return !log.exceeds(END_RATIO, END_SEGMENTS);
    }

    /** Whether the room that dead bytes take matters more than how fast compaction goes. */
    static boolean isUrgent(LogState log) {
        return log.exceeds(URGENT_RATIO, URGENT_SEGMENTS);
    }

    /** Whether there is so much dead that no more should be added than is won. */
    static boolean isTooMuch(LogState log) {
        return log.exceeds(TOO_MUCH_RATIO, TOO_MUCH_SEGMENTS);
    }

    /** How many bytes of emptied files may be left until a checkpoint comes along by itself. */
    static long mostWaitingBytes(LogState log) {
        return Math.max(WAITING_SEGMENTS * log.segmentSize(), log.liveBytes() / WAITING_FRACTION);
    }

    /**
     * The oldest segment out of which nothing must be copied, which is worth doing at any time; null if there is none.
     */
    static @Nullable SegmentState free(LogState log) {
        boolean oldest = true;
        for (SegmentState segment : log.sealed()) {
            if (segment.mustCopyBytes(oldest) == 0) {
                return segment;
            }
            oldest = false;
        }
        return null;
    }

    /** The segment out of which the least must be copied, for when there is little room to copy to. */
    static SegmentState cheapest(LogState log) {
        return log.sealed().stream()
                .min(Comparator.comparingLong(segment -> segment.mustCopyBytes(false)))
                .orElseThrow();
    }

    /** The segment to empty next when compaction is under way; null if there is nothing to win. */
    static @Nullable SegmentState next(LogState log) {
        SegmentState free = free(log);
        if (free != null) {
            return free;
        }
        SegmentState best = null;
        double bestScore = 0;
        long age = log.sealed().size();
        boolean oldest = true;
        long tombstoneBytes = 0;
        for (SegmentState segment : log.sealed()) {
            long won = segment.usedBytes() - segment.mustCopyBytes(oldest);
            double score = segment.score(age, oldest);
            if (won * WORTHWHILE_FRACTION > segment.usedBytes() && score > bestScore) {
                best = segment;
                bestScore = score;
            }
            tombstoneBytes += segment.tombstoneBytes();
            age--;
            oldest = false;
        }
        boolean mostlyTombstones = tombstoneBytes > log.deadBytes() / 2;
        return best != null || !mostlyTombstones ? best : log.sealed().getFirst();
    }

    /** Whether a compaction that was requested rewrites the segment: if more than a twentieth of it is dead. */
    static boolean isWorthwhile(SegmentState segment) {
        return isWorthwhile(segment.usedBytes(), segment.liveBytes());
    }

    /** The same by the bytes of all records, and of the current ones. */
    public static boolean isWorthwhile(long usedBytes, long liveBytes) {
        long dead = usedBytes - liveBytes;
        return liveBytes == 0 || dead > WORTHWHILE_LENGTH && dead * WORTHWHILE_FRACTION > usedBytes;
    }
}
