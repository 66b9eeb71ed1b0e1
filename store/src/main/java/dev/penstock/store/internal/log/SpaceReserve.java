package dev.penstock.store.internal.log;

import dev.penstock.store.internal.format.Limits;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.io.DiskFullException;

/**
 * The allocated space that each kind of record must leave behind it in the log. This is the reserve for a full disk:
 * writes that add data stop first, removals continue, then compaction's copies, and the few bytes that retire a segment
 * always find space.
 *
 * <p>A fraction of a segment, in eighths or less: once the next segment exists, there is more than any kind needs.
 */
enum SpaceReserve {
    /** Values, and references to large ones. */
    DATA(7. / 8, 3. / 4, 1),
    /** Tombstones. They leave room to compact what they have made dead. */
    TOMBSTONES(1. / 2, 1. / 2, 0.5),
    /** Records that compaction moves. */
    COMPACTION(1. / 64, 1. / 64, 1),
    /** The log's own: CLEAR, RETIRED, CLOSED. */
    SYSTEM(0, 0, 0);

    private final double whenShort;
    private final double otherwise;
    private final long reservedSegments;
    private final long reservedSequences;

    /**
     * @param whenShort where the next segment could not be made
     * @param otherwise where it is on its way: no writer shall wait for that if it can be helped
     * @param reserved how much of the numbers that the format keeps in reserve must be left
     */
    SpaceReserve(double whenShort, double otherwise, double reserved) {
        this.whenShort = whenShort;
        this.otherwise = otherwise;
        this.reservedSegments = (long) (reserved * Limits.RESERVED_SEGMENTS);
        this.reservedSequences = (long) (reserved * Limits.RESERVED_SEQUENCES);
    }

    /** Bytes that must be left behind a record. */
    long reservedBytes(long segmentSize, boolean isShort) {
        return (long) (segmentSize * (isShort ? whenShort : otherwise));
    }

    /**
     * Refuses a record for which the format has no numbers left.
     *
     * @param segment number of the segment that it would go to
     * @param sequence the last one that it would take; negative if there is none
     */
    void checkNumbers(long segment, int segmentShift, long sequence) throws DiskFullException {
        long lastSegment = Limits.lastSegment(segmentShift) - reservedSegments;
        if (segment > lastSegment) {
            throw new DiskFullException("the log has reached segment " + segment + "; numbers above " + lastSegment
                    + " are reserved for removals. Export the store and load it into a new one.");
        }
        long lastSequence = Limits.LAST_SEQUENCE - reservedSequences;
        if (sequence < 0 || sequence > lastSequence) {
            throw new DiskFullException("the store has reached version " + lastSequence
                    + "; versions above it are reserved for removals. Export the store and load it into a new one.");
        }
    }

    /** Whether a record may go to a segment that is shorter than usual because there is no space for more. */
    boolean mayGoToShortSegment() {
        return this == COMPACTION || this == SYSTEM;
    }

    /** The space that a record needs unless it is a copy. */
    static SpaceReserve of(int commitWord) {
        return switch (RecordLayout.kind(commitWord)) {
            case RecordLayout.TOMBSTONE -> TOMBSTONES;
            case RecordLayout.CLEAR, RecordLayout.RETIRED, RecordLayout.CLOSED -> SYSTEM;
            default -> DATA;
        };
    }
}
