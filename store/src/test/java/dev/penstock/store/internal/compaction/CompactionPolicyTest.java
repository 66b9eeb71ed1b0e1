package dev.penstock.store.internal.compaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.internal.compaction.CompactionPolicy.LogState;
import dev.penstock.store.internal.compaction.CompactionPolicy.SegmentState;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CompactionPolicyTest {

    private static final long SIZE = 1 << 20;

    @Test
    void compactionBeginsLaterThanItEnds() {
        List<Boolean> due = new ArrayList<>();
        List<Boolean> enough = new ArrayList<>();
        for (int deadPercent = 0; deadPercent <= 60; deadPercent += 5) {
            LogState log = log(0, full(100, deadPercent));
            due.add(CompactionPolicy.isDue(log));
            enough.add(CompactionPolicy.isEnough(log));
            assertFalse(due.getLast() && enough.getLast(), "at " + deadPercent + " percent dead");
        }
        assertEquals(List.of(false, true), due.stream().distinct().toList());
        assertEquals(List.of(true, false), enough.stream().distinct().toList());
        assertTrue(enough.indexOf(false) < due.indexOf(true) || enough.indexOf(false) == due.indexOf(true));
    }

    @Test
    void withinOneAndAHalfItHasBecomeUrgent() {
        LogState log = log(0, full(1_000, 34));
        assertTrue((double) log.fileBytes() / log.liveBytes() > 1.5);
        assertTrue(CompactionPolicy.isUrgent(log));
        assertTrue(CompactionPolicy.isTooMuch(log));
        log = log(0, full(1_000, 29));
        assertTrue(CompactionPolicy.isDue(log));
        assertFalse(CompactionPolicy.isUrgent(log));
    }

    /** Whatever part of it is dead: two segments' worth is not worth the copying. */
    @Test
    void aSmallStoreIsLeftAlone() {
        for (int deadPercent = 0; deadPercent < 100; deadPercent++) {
            assertFalse(CompactionPolicy.isDue(log(0, full(2, deadPercent))));
        }
    }

    @Test
    void whatWaitsToBeDeletedCountsAsSpace() {
        SegmentState[] segments = full(100, 20);
        assertFalse(CompactionPolicy.isDue(log(0, segments)));
        assertTrue(CompactionPolicy.isDue(log(20 * SIZE, segments)));
    }

    @Test
    void aSegmentWithNothingLiveGoesAtOnce() {
        SegmentState[] segments = full(5, 0);
        segments[3] = segment(3, 0, 0);
        assertFalse(CompactionPolicy.isDue(log(0, segments)));
        assertEquals(segments[3], CompactionPolicy.free(log(0, segments)));
        segments[3] = segment(3, 1, 0);
        assertNull(CompactionPolicy.free(log(0, segments)));
    }

    /** They must be copied as long as there is an older segment. */
    @Test
    void tombstonesAreNoRoomToWinUnlessTheyAreTheOldest() {
        SegmentState[] segments = full(5, 0);
        segments[3] = segment(3, 0, SIZE / 2);
        assertNull(CompactionPolicy.free(log(0, segments)));
        segments[0] = segment(0, 0, SIZE / 2);
        assertEquals(segments[0], CompactionPolicy.free(log(0, segments)));
    }

    @Test
    void ofSegmentsOfOneAgeTheEmptiestIsNext() {
        SegmentState[] segments = full(10, 10);
        segments[6] = segment(6, SIZE / 4, 0);
        assertEquals(segments[6], CompactionPolicy.next(log(0, segments)));
    }

    /** What has not died for long will not soon: its room stays free for longer. */
    @Test
    void anOldSegmentIsWorthMoreCopyingThanAYoungOne() {
        SegmentState[] segments = full(10, 0);
        segments[1] = segment(1, SIZE * 6 / 10, 0);
        segments[8] = segment(8, SIZE * 5 / 10, 0);
        assertEquals(segments[1], CompactionPolicy.next(log(0, segments)));
    }

    @Test
    void nothingIsNextWhereHardlyAnythingIsDead() {
        assertNull(CompactionPolicy.next(log(0, full(100, 4))));
        assertNotNull(CompactionPolicy.next(log(0, full(100, 6))));
        assertNull(CompactionPolicy.next(log(0)));
    }

    /** Or tombstones would stay for ever behind one segment that nothing dies in. */
    @Test
    void whereOnlyTombstonesAreDeadTheOldestIsNext() {
        SegmentState[] segments = full(10, 0);
        for (int i = 2; i < 10; i++) {
            segments[i] = segment(i, SIZE / 2, SIZE / 2);
        }
        assertEquals(segments[0], CompactionPolicy.next(log(0, segments)));
    }

    /** The policy against a log of a thousand records a segment, of which random ones die: the promise in figures. */
    @Test
    void overwritingAtRandomSettlesBelowOneAndAHalfTimesTheLive() {
        SimulatedLog log = new SimulatedLog(64, new Random(1));
        long worst = 0;
        for (int i = 0; i < 8 * 64 * SimulatedLog.RECORDS_PER_SEGMENT; i++) {
            log.overwrite();
            worst = i < 64 * SimulatedLog.RECORDS_PER_SEGMENT ? 0 : Math.max(worst, log.segmentCount());
        }
        double space = (double) worst / 64;
        double written = (double) log.appended() / log.asked();
        assertTrue(space <= 1.5, "files took " + space + " times what is live");
        assertTrue(written < 3.2, "written " + written + " times");
    }

    private static SegmentState segment(long number, long liveBytes, long tombstoneBytes) {
        return new SegmentState(number, SIZE, liveBytes, tombstoneBytes);
    }

    private static SegmentState[] full(int count, int deadPercent) {
        SegmentState[] segments = new SegmentState[count];
        for (int i = 0; i < count; i++) {
            segments[i] = segment(i, SIZE * (100 - deadPercent) / 100, 0);
        }
        return segments;
    }

    private static LogState log(long waitingBytes, SegmentState... segments) {
        long live =
                List.of(segments).stream().mapToLong(SegmentState::liveBytes).sum();
        return new LogState(List.of(segments), SIZE, live, 2 * SIZE, waitingBytes);
    }
}
