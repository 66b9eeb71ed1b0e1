package dev.penstock.store.repair;

import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Walks all sound records of a segment. Where a record is not sound it continues at the next sound one. It keeps
 * nothing, so a file that is damaged in very many places takes no memory.
 */
final class SegmentWalk {

    /** Sees what is in a segment, in the order of offsets. */
    interface Visitor {

        /** A sound record; its value is not checked. */
        void record(Segment segment, RecordScanner record) throws IOException;

        /** A stretch without a sound record. */
        void gap(Segment segment, Gap gap);
    }

    /**
     * A stretch of a segment that holds no sound record.
     *
     * @param damaged whether something that is not a sound record is at the offset, rather than nothing
     * @param atEnd whether no sound record follows in the segment
     * @param unfinished whether it is a batch whose writer never completed it
     */
    record Gap(long offset, long length, boolean damaged, boolean atEnd, boolean unfinished, String problem) {}

    private final SegmentSet segments;
    private final long salt;

    SegmentWalk(SegmentSet segments, long salt) {
        this.segments = segments;
        this.salt = salt;
    }

    /** Walks a segment up to the record that ends it; returns whether there is one. */
    boolean walk(Segment segment, Visitor visitor) throws IOException {
        long size = segment.memory().byteSize();
        RecordScanner records = new RecordScanner(
                        segment.memory(), segments.position(segment.number(), 0), salt, SegmentHeader.LENGTH, size)
                .readingAhead();
        while (true) {
            while (records.next()) {
                visitor.record(segment, records);
                if (records.header().kind() == RecordLayout.ROLL) {
                    return true;
                }
            }
            if (records.end() == RecordScanner.End.NONE) {
                return false;
            }
            long at = records.offset();
            boolean damaged = records.end() == RecordScanner.End.DAMAGED;
            String problem = records.problem();
            long unfinished = damaged ? 0 : unfinishedBatchLength(segment, at);
            boolean found = records.search(at + Math.max(RecordLayout.RECORD_ALIGNMENT, unfinished));
            long next = found ? records.offset() : size;
            visitor.gap(segment, new Gap(at, next - at, damaged, !found, unfinished > 0, problem));
            if (!found) {
                return false;
            }
            visitor.record(segment, records);
            if (records.header().kind() == RecordLayout.ROLL) {
                return true;
            }
        }
    }

    /**
     * The length of a batch at an offset that has everything but its commit word, which is stored last: none of its
     * records counts, although they are sound. 0 if there is none.
     */
    private long unfinishedBatchLength(Segment segment, long offset) {
        byte[] bytes = new byte[RecordLayout.BARE_LENGTH];
        MemorySegment.copy(segment.memory(), ValueLayout.JAVA_BYTE, offset, bytes, 0, bytes.length);
        int commitWord = RecordLayout.commitWord(RecordLayout.BATCH, 0);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(RecordLayout.COMMIT_WORD_OFFSET, commitWord);
        RecordHeader header = new RecordHeader();
        header.load(MemorySegment.ofArray(bytes), 0, commitWord);
        boolean sound = header.isSound(Checksum.salt(salt, segments.position(segment.number(), offset)));
        long length = header.valueLength();
        return sound && length >= 0 && length <= segment.memory().byteSize() - offset - RecordLayout.BARE_LENGTH
                ? RecordLayout.BARE_LENGTH + length
                : 0;
    }
}
