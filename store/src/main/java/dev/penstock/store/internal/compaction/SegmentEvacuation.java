package dev.penstock.store.internal.compaction;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.PageLostException;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.index.Lookahead;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.log.Log;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.ScannedRecord;
import dev.penstock.store.internal.segment.Segment;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Copies the records of one sealed segment that are still needed, in any number of steps. A copied record is no longer
 * current in the segment, so the evacuation can be interrupted at any record and begun again.
 *
 * <p><b>Tombstones</b> hide older records of their key. One is dropped only if no older segment exists that could hold
 * such a record. <b>CLEAR</b> hides all older records and cannot be copied, since the copy would hide newer records
 * too: a segment with a CLEAR is removed only after all older segments.
 *
 * <p>One thread at a time.
 */
final class SegmentEvacuation {

    /** How a walk ended. */
    enum Outcome {
        /** There is more to walk. */
        UNFINISHED,
        /** Nothing is left in the segment that is needed. */
        EMPTIED,
        /** There is something in it that must stay as long as an older segment does. */
        TOO_EARLY
    }

    /**
     * No more is scanned at a time, so that few bytes are copied under the locks of their keys; nor a larger part of a
     * segment.
     */
    private static final long SCANNED_LENGTH = 128 << 10;

    private static final int SCANNED_FRACTION = 64;

    private final Segment segment;
    private final boolean olderKept;
    private final RecordRelocator relocation;
    private final Log log;
    private final LongPredicate isRetirementNeeded;
    private final @Nullable LiveRecordBitmap map;
    private final RecordScanner records;
    private final long scannedLength;
    private final ScannedRecord[] scanned = new ScannedRecord[RecordRelocator.CAPACITY];

    private final Lookahead lookahead;

    private long movedCount;
    private long droppedCount;
    private long movedBytes;

    /**
     * @param basePosition position of the segment's first byte
     * @param salt the store's
     * @param olderKept whether there is an older segment that is not emptied
     * @param relocation which has {@linkplain RecordRelocator#begin begun}
     * @param isRetirementNeeded whether the word is needed that the segment of a number is retired
     * @param map which values and references are needed, if that is known beforehand; else null
     */
    SegmentEvacuation(
            Segment segment,
            long basePosition,
            long salt,
            boolean olderKept,
            RecordRelocator relocation,
            Log log,
            LongPredicate isRetirementNeeded,
            @Nullable LiveRecordBitmap map) {
        this.segment = segment;
        this.olderKept = olderKept;
        this.relocation = relocation;
        this.log = log;
        this.isRetirementNeeded = isRetirementNeeded;
        this.map = map;
        this.scannedLength = Math.min(SCANNED_LENGTH, segment.memory().byteSize() / SCANNED_FRACTION);
        this.lookahead = relocation.lookahead();
        Arrays.setAll(scanned, index -> new ScannedRecord());
        this.records = new RecordScanner(
                        segment.memory(), basePosition, salt, SegmentHeader.LENGTH, segment.usedLength())
                .readingAhead();
    }

    Segment segment() {
        return segment;
    }

    /** Bytes of the segment that were walked. */
    long walkedBytes() {
        return records.nextOffset();
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

    /**
     * Continues for the given number of bytes of the segment, rounded up to the end of a record.
     *
     * @throws CorruptionException if a record is damaged
     * @throws PageLostException if a page of the segment cannot be supplied
     */
    Outcome walk(long maxBytes) throws IOException {
        try {
            Outcome outcome = walkReadable(maxBytes);
            PageFaults.deliver();
            return outcome;
        } catch (InternalError e) {
            segment.poison();
            throw new PageLostException(segment.name(), walkedBytes(), "a page could not be supplied", e);
        }
    }

    private Outcome walkReadable(long maxBytes) throws IOException {
        long until = walkedBytes() + maxBytes;
        while (walkedBytes() < until) {
            if (!scan(Math.min(until, walkedBytes() + scannedLength))) {
                if (records.end() != RecordScanner.End.NONE) {
                    throw new CorruptionException(segment.name(), records.offset(), records.problem());
                }
                return Outcome.EMPTIED;
            }
            if (!move()) {
                return Outcome.TOO_EARLY;
            }
        }
        return Outcome.UNFINISHED;
    }

    /**
     * Finds the next few records that may be needed, and has the processor fetch their buckets together; false if the
     * walk ended before.
     */
    private boolean scan(long until) {
        lookahead.clear();
        records.fetchUpTo(until);
        while (lookahead.count() < scanned.length && walkedBytes() < until) {
            ScannedRecord record = scanned[lookahead.count()];
            if (!records.next(record)) {
                return lookahead.count() > 0;
            }
            if (isDead(record)) {
                droppedCount++;
            } else {
                record.hash(relocation.hash(record));
                lookahead.add(record.hash());
            }
        }
        lookahead.touchBuckets();
        return true;
    }

    /** Whether it takes no look into the directory to know that. */
    private boolean isDead(ScannedRecord record) {
        int kind = record.header().kind();
        return map != null
                && (kind == RecordLayout.VALUE || kind == RecordLayout.REFERENCE)
                && !map.contains(record.position());
    }

    /** Moves what is needed of the records that were scanned; false if one of them must stay for now. */
    private boolean move() throws IOException {
        relocation.clear();
        int looked = 0;
        while (looked < lookahead.count() && !mustWait(scanned[looked].header())) {
            look(scanned[looked]);
            looked++;
        }
        movedBytes += relocation.move();
        movedCount += relocation.count();
        droppedCount += looked - relocation.count();
        return looked == lookahead.count();
    }

    private boolean mustWait(RecordHeader header) {
        return header.kind() == RecordLayout.CLEAR && olderKept;
    }

    private void look(ScannedRecord record) throws IOException {
        switch (record.header().kind()) {
            case RecordLayout.VALUE, RecordLayout.REFERENCE -> {
                if (map != null || relocation.isNeeded(record)) {
                    relocation.add(record);
                }
            }
            case RecordLayout.APPLIED -> {
                if (relocation.isNeeded(record)) {
                    relocation.add(record);
                }
            }
            case RecordLayout.TOMBSTONE -> {
                if (olderKept && relocation.isNeeded(record)) {
                    relocation.add(record);
                }
            }
            case RecordLayout.RETIRED -> repeatRetirement(record.header().valueLength());
            default -> {
                // Said once and for all.
            }
        }
    }

    /**
     * By itself. It is not a record of a key, so it counts neither as moved nor, as the group would have it, as
     * dropped.
     */
    private void repeatRetirement(long number) throws IOException {
        if (isRetirementNeeded.test(number)) {
            log.appendSystem(RecordLayout.RETIRED, number);
            movedBytes += RecordLayout.BARE_LENGTH;
            droppedCount--;
        }
    }
}
