package dev.penstock.store.internal.compaction;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.internal.format.HeaderImage;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.io.Memory;
import dev.penstock.store.internal.segment.Log;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.write.Relocation;
import java.io.IOException;
import java.util.function.LongPredicate;

/**
 * Copies everything out of one sealed segment that must outlive it, in as many steps as one likes. What is copied already is
 * no longer current in the segment; so it may be broken off at any record and begun again.
 *
 * <p><b>Tombstones</b> hide older records of their key. One is left behind only if no older segment is left that could hold
 * such a record. <b>CLEAR</b> hides everything older and cannot be copied, since it would hide what is newer too: a segment
 * with one in it goes only after all older ones.
 *
 * <p>One thread at a time.
 */
final class Evacuation {

    /** How a walk ended. */
    enum Outcome {
        /** There is more to walk. */
        UNFINISHED,
        /** Nothing is left in the segment that is needed. */
        EMPTIED,
        /** There is something in it that must stay as long as an older segment does. */
        TOO_EARLY
    }

    private static final long PAGE_MASK = 4095;
    /** Faulted in by the kernel before it is walked: a fault in Java code holds up all threads at the next safepoint. */
    private static final long READ_AHEAD_LENGTH = 1 << 20;

    private final Segment segment;
    private final boolean olderKept;
    private final Relocation relocation;
    private final Log log;
    private final LongPredicate isRetirementNeeded;
    private final RecordScanner records;
    private long populatedTo;

    private long movedCount;
    private long droppedCount;
    private long movedBytes;

    /**
     * @param basePosition position of the segment's first byte
     * @param salt the store's
     * @param olderKept whether there is an older segment that is not emptied
     * @param isRetirementNeeded whether the word is needed that the segment of a number is retired
     */
    Evacuation(
            Segment segment,
            long basePosition,
            long salt,
            boolean olderKept,
            Relocation relocation,
            Log log,
            LongPredicate isRetirementNeeded) {
        this.segment = segment;
        this.olderKept = olderKept;
        this.relocation = relocation;
        this.log = log;
        this.isRetirementNeeded = isRetirementNeeded;
        this.records =
                new RecordScanner(segment.memory(), basePosition, salt, SegmentHeader.LENGTH, segment.usedLength());
    }

    Segment segment() {
        return segment;
    }

    /** Bytes of the segment that were walked. */
    long walkedBytes() {
        return records.offset() + records.length();
    }

    long movedCount() {
        return movedCount;
    }

    long droppedCount() {
        return droppedCount;
    }

    long movedBytes() {
        return movedBytes;
    }

    /** Goes on for so many bytes of the segment, or to the end of the record which they end in. */
    Outcome walk(long maxBytes) throws IOException {
        long until = walkedBytes() + maxBytes;
        while (walkedBytes() < until) {
            populate(walkedBytes() + PAGE_MASK);
            if (!records.next()) {
                if (records.end() != RecordScanner.End.NONE) {
                    throw new CorruptionException(segment.name(), records.offset(), records.problem());
                }
                return Outcome.EMPTIED;
            }
            populate(walkedBytes());
            HeaderImage header = records.header();
            if (mustWait(header)) {
                return Outcome.TOO_EARLY;
            }
            long moved = move(header);
            if (moved == Relocation.NOT_MOVED) {
                droppedCount++;
            } else {
                movedCount++;
                movedBytes += moved;
            }
        }
        return Outcome.UNFINISHED;
    }

    private void populate(long needed) {
        long end = Math.min(needed, segment.memory().byteSize());
        if (end > populatedTo) {
            long from = Math.max(populatedTo, records.offset()) & ~PAGE_MASK;
            populatedTo = Math.min(segment.memory().byteSize(), Math.max(end, from + READ_AHEAD_LENGTH));
            Memory.populateForReading(segment.memory(), from, populatedTo - from);
        }
    }

    private boolean mustWait(HeaderImage header) {
        return header.kind() == RecordLayout.CLEAR && olderKept;
    }

    private long move(HeaderImage header) throws IOException {
        return switch (header.kind()) {
            case RecordLayout.VALUE, RecordLayout.REFERENCE -> relocation.moveIfCurrent(records);
            case RecordLayout.TOMBSTONE -> olderKept ? relocation.moveTombstone(records) : Relocation.NOT_MOVED;
            case RecordLayout.RETIRED -> moveRetirement(header.valueLength());
            default -> Relocation.NOT_MOVED;
        };
    }

    private long moveRetirement(long number) throws IOException {
        if (!isRetirementNeeded.test(number)) {
            return Relocation.NOT_MOVED;
        }
        log.appendSystem(RecordLayout.RETIRED, number);
        return RecordLayout.BARE_LENGTH;
    }
}
