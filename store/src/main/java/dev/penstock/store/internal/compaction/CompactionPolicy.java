package dev.penstock.store.internal.compaction;

import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.segment.Segment;
import java.util.List;

/**
 * Which segments are worth rewriting: those of which more than a twentieth is dead. To rewrite the others would cost
 * twenty bytes of copying for each byte won.
 */
final class CompactionPolicy {

    private static final int WORTHWHILE_FRACTION = 20;

    private CompactionPolicy() {}

    static List<Segment> victims(List<Segment> sealed) {
        return sealed.stream().filter(CompactionPolicy::isWorthwhile).toList();
    }

    private static boolean isWorthwhile(Segment segment) {
        long overhead = (long) SegmentHeader.LENGTH + RecordLayout.BARE_LENGTH;
        long dead = segment.usedLength() - overhead - segment.liveBytes();
        return segment.liveBytes() == 0 || dead * WORTHWHILE_FRACTION > segment.usedLength();
    }
}
