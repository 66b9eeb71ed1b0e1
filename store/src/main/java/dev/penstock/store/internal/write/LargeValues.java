package dev.penstock.store.internal.write;

import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.HeaderImage;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.SegmentFactory;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;

/** The segments of large values before a record of the log refers to them. Thread-safe. */
final class LargeValues {

    /** A value this long gets a segment of its own; less where segments are smaller than usual. */
    private static final long LARGE_VALUE_LENGTH = 1L << 20;

    private final SegmentSet segments;
    private final SegmentFactory factory;
    private final GroupCommit groupCommit;
    private final long salt;
    private final long smallestLength;

    LargeValues(SegmentSet segments, SegmentFactory factory, GroupCommit groupCommit, long salt) {
        this.segments = segments;
        this.factory = factory;
        this.groupCommit = groupCommit;
        this.salt = salt;
        this.smallestLength = Math.min(LARGE_VALUE_LENGTH, segments.segmentSize() / 4);
    }

    /** Whether a value of this length goes to a segment of its own. */
    boolean isLarge(long valueLength) {
        return valueLength >= smallestLength;
    }

    /** The shortest value that goes to a segment of its own. */
    long smallestLength() {
        return smallestLength;
    }

    LargeSegment create(int keyLength, long valueLength) throws IOException {
        return factory.createLarge(keyLength, valueLength);
    }

    LargeSegment createGrowing(int keyLength) throws IOException {
        return factory.createGrowing(keyLength);
    }

    /** Completes a segment whose value is all in it; the log may refer to it afterwards. */
    void complete(LargeSegment large, byte[] key, long sequence, int valueChecksum, HeaderImage header)
            throws IOException {
        long offset = SegmentHeader.LENGTH;
        int recordSalt = Checksum.salt(salt, segments.position(large.number(), offset));
        header.encode(
                large.commitWord(),
                key,
                0,
                RecordLayout.NO_EXPIRY,
                sequence,
                large.valueLength(),
                valueChecksum,
                recordSalt);
        writeAround(large, header);
        large.filled();
        segments.add(large);
        groupCommit.add(large);
    }

    /** Writes what is in front of the value and behind it. */
    private static void writeAround(LargeSegment large, HeaderImage header) throws IOException {
        large.file().write(header.front(large.valueOffset() - SegmentHeader.LENGTH), SegmentHeader.LENGTH);
        large.file().write(RecordLayout.frameSuffix(), large.valueOffset() + large.valueLength());
    }

    /** Throws away a segment, unless it is {@linkplain LargeSegment#isCommitted committed}. */
    void abandon(LargeSegment large) throws IOException {
        if (!large.isCommitted()) {
            segments.remove(large);
            large.retire();
            factory.delete(large.name());
        }
    }
}
