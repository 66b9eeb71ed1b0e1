package dev.penstock.store.internal.recovery;

import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.format.ValueReference;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.util.OptionalLong;

/**
 * The values that were not forced when the machine stopped: the device may have a header without its value. The log
 * ends at the first damaged value.
 *
 * <p>One thread.
 */
public final class UnforcedValues {

    private final Identity identity;
    private final SegmentSet segments;
    private final Replay replay;
    private final LargeValueCheck largeValues;

    public UnforcedValues(DiskDirectory place, Identity identity, SegmentSet segments, Replay replay) {
        this.identity = identity;
        this.segments = segments;
        this.replay = replay;
        this.largeValues = new LargeValueCheck(place, identity);
    }

    /**
     * Position of the first record whose value is not what was written, or of the batch that it belongs to; empty if
     * there is none.
     *
     * @param durable position below which everything was forced
     * @param tail the segment that the log ends in; all were replayed as far as they are used
     */
    public OptionalLong firstUnsound(long durable, Segment tail) throws IOException {
        long batch = 0;
        long batchEnd = 0;
        for (Segment segment : segments.logSegments()) {
            if (segment.number() < segments.number(durable) || segment.number() > tail.number()) {
                continue;
            }
            long from = segment.number() == segments.number(durable)
                    ? Math.max(segments.offset(durable), SegmentHeader.LENGTH)
                    : SegmentHeader.LENGTH;
            RecordScanner records = new RecordScanner(
                    segment.memory(),
                    segments.position(segment.number(), 0),
                    identity.salt(),
                    from,
                    segment.usedLength());
            while (records.next()) {
                if (records.header().kind() == RecordLayout.BATCH) {
                    batch = records.position();
                    batchEnd = batch + records.length() + records.header().valueLength();
                }
                if (!records.isValueSound() || !isReferenceSound(records)) {
                    return OptionalLong.of(records.position() < batchEnd ? batch : records.position());
                }
            }
        }
        return OptionalLong.empty();
    }

    /** A reference that is current must lead to its value, whole. */
    private boolean isReferenceSound(RecordScanner records) throws IOException {
        RecordHeader header = records.header();
        if (header.kind() != RecordLayout.REFERENCE
                || !Long.valueOf(records.position()).equals(replay.references().get(header.referencedSegment()))) {
            return true;
        }
        return largeValues
                .problemWithValue(ValueReference.of(header, records.salt()), read -> {})
                .isEmpty();
    }
}
