package dev.penstock.store.internal.write;

import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A condition on a key's current record for a write. Checked under the lock of the key's stripe. */
@FunctionalInterface
public interface Precondition {

    Precondition NONE = new Precondition() {
        @Override
        public boolean holds(SegmentSet segments, long position) {
            return true;
        }
    };

    Precondition ABSENT = new Precondition() {
        @Override
        public boolean holds(SegmentSet segments, long position) {
            return position == 0;
        }
    };

    Precondition PRESENT = new Precondition() {
        @Override
        public boolean holds(SegmentSet segments, long position) {
            return position != 0;
        }
    };

    Precondition EXPIRING = new Precondition() {
        @Override
        public boolean holds(SegmentSet segments, long position) {
            return position != 0
                    && RecordLayout.isExpiring(RecordLayout.commitWord(
                            segments.requireSegment(position).memory(), segments.offset(position)));
        }
    };

    /** @param position of the current record; 0 if the key is absent */
    boolean holds(SegmentSet segments, long position) throws IOException;

    /** Both this and another hold. */
    default Precondition and(Precondition other) {
        return (segments, position) -> holds(segments, position) && other.holds(segments, position);
    }

    /** The current record has this sequence; 0 stands for an absent key. */
    static Precondition sequence(long expected) {
        return (segments, position) -> expected
                == (position == 0
                        ? 0
                        : RecordLayout.sequence(
                                segments.requireSegment(position).memory(), segments.offset(position)));
    }

    /** The current value has these bytes. */
    static Precondition value(MemorySegment expected) {
        return (segments, position) -> position != 0 && hasValue(segments, position, expected);
    }

    private static boolean hasValue(SegmentSet segments, long position, MemorySegment expected) throws IOException {
        Segment segment = segments.requireSegment(position);
        long offset = segments.offset(position);
        MemorySegment memory = segment.memory();
        long length = RecordLayout.valueLength(memory, offset);
        if (length != expected.byteSize()) {
            return false;
        }
        if (segment.kind(offset) == RecordLayout.REFERENCE) {
            return hasValue(segments.requireLarge(segment.referencedSegment(offset)), expected);
        }
        long valueOffset = RecordLayout.valueOffset(offset, RecordLayout.commitWord(memory, offset), length);
        return isEqual(memory, valueOffset, expected);
    }

    private static boolean hasValue(LargeSegment large, MemorySegment expected) throws IOException {
        int lease = large.hold();
        try {
            return isEqual(large.memory(), large.valueOffset(), expected);
        } finally {
            large.release(lease);
        }
    }

    private static boolean isEqual(MemorySegment memory, long offset, MemorySegment expected) {
        long length = expected.byteSize();
        return MemorySegment.mismatch(memory, offset, offset + length, expected, 0, length) < 0;
    }
}
