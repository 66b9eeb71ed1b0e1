package dev.penstock.store.internal.segment;

import dev.penstock.store.internal.format.RecordLayout;

/**
 * How much room of the log, allocated already, each kind of record must leave behind it. This is the reserve for a full
 * disk: what adds to the store stops first, removals go on, then compaction's copies, and the few bytes that retire a
 * segment always find a place.
 *
 * <p>A part of a segment, in eighths or less: with the next segment made there is more than any of them asks for.
 */
enum Room {
    /** Values, and references to large ones. */
    ADDING(7. / 8, 3. / 4),
    /** Tombstones. They leave room to compact what they have made dead. */
    REMOVING(1. / 2, 1. / 2),
    /** Records that compaction moves. */
    MOVING(1. / 64, 1. / 64),
    /** The log's own: CLEAR, RETIRED. */
    SYSTEM(0, 0);

    private final double whenShort;
    private final double otherwise;

    /**
     * @param whenShort where the next segment could not be made
     * @param otherwise where it is on its way: no writer shall wait for that if it can be helped
     */
    Room(double whenShort, double otherwise) {
        this.whenShort = whenShort;
        this.otherwise = otherwise;
    }

    /** Bytes that must be left behind a record. */
    long left(long segmentSize, boolean isShort) {
        return (long) (segmentSize * (isShort ? whenShort : otherwise));
    }

    /** Whether a record may go to a segment that is shorter than usual because there is no room for more. */
    boolean mayGoToShortSegment() {
        return this == MOVING || this == SYSTEM;
    }

    /** What a record that is no copy needs. */
    static Room of(int commitWord) {
        return switch (RecordLayout.kind(commitWord)) {
            case RecordLayout.TOMBSTONE -> REMOVING;
            case RecordLayout.CLEAR, RecordLayout.RETIRED -> SYSTEM;
            default -> ADDING;
        };
    }
}
