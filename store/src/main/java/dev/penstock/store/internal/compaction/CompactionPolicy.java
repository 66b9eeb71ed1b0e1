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
    /** Less than a block of the file system is not given back anyway. */
    private static final long WORTHWHILE_LENGTH = 4096;

    private CompactionPolicy() {}

    static List<Segment> victims(List<Segment> sealed) {
        return sealed.stream().filter(CompactionPolicy::isWorthwhile).toList();
    }

    private static boolean isWorthwhile(Segment segment) {
        long overhead = (long) SegmentHeader.LENGTH + RecordLayout.BARE_LENGTH;
        long live = segment.liveBytes().sum();
        long dead = segment.usedLength() - overhead - live;
        return live == 0 || dead > WORTHWHILE_LENGTH && dead * WORTHWHILE_FRACTION > segment.usedLength();
    }
}
