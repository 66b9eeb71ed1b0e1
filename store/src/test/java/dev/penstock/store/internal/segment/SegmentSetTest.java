package dev.penstock.store.internal.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.internal.reclaim.Reclaimer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** However high the numbers of segments have become, a set of them finds each, in order, for the same cost. */
class SegmentSetTest {

    private static final int SHIFT = 20;
    private static final long LAST_NUMBER = (1L << 53 - SHIFT) - 1;

    private final Reclaimer reclaimer = new Reclaimer(new Reclaimer.Schedule() {
        @Override
        public void wakeUp() {}

        @Override
        public void lookAgainAfter(long nanos) {}
    });
    private final SegmentSet segments = new SegmentSet(SHIFT);

    private Segment segment(long number) {
        return new Segment(
                number, null, Arena.ofAuto(), MemorySegment.ofArray(new byte[64]), reclaimer, new SegmentAddresses(6));
    }

    private Segment at(long number) {
        return segments.segment(segments.position(number, 64));
    }

    @Test
    void everySegmentIsFoundByItsPositionWhateverItsNumber() {
        long seed = Long.getLong("penstock.seed", System.nanoTime());
        System.out.println("SegmentSetTest: -Dpenstock.seed=" + seed);
        Random random = new Random(seed);
        TreeMap<Long, Segment> expected = new TreeMap<>();
        for (int step = 0; step < 2_000; step++) {
            // Close together, far apart, and at the same place in a table of any size.
            long number = switch (random.nextInt(4)) {
                case 0 -> 1 + random.nextInt(100);
                case 1 -> random.nextLong(1, LAST_NUMBER + 1);
                case 2 -> LAST_NUMBER - random.nextInt(100);
                default -> (long) (1 + random.nextInt(100)) << 16;
            };
            if (random.nextInt(3) > 0) {
                Segment segment = segment(number);
                segments.add(segment);
                expected.put(number, segment);
            } else if (!expected.isEmpty()) {
                Segment removed = expected.pollFirstEntry().getValue();
                segments.remove(removed);
                assertNull(at(removed.number()));
            }
            assertEquals(List.copyOf(expected.values()), segments.logSegments());
            assertEquals(expected.isEmpty() ? -1 : expected.lastKey(), segments.newestNumber());
            assertSame(expected.get(number), at(number));
        }
        for (Map.Entry<Long, Segment> entry : expected.entrySet()) {
            assertSame(entry.getValue(), at(entry.getKey()));
            assertSame(expected.get(entry.getKey() + 1), at(entry.getKey() + 1));
        }
        assertEquals(
                List.copyOf(expected.subMap(50L, true, LAST_NUMBER - 50, true).values()),
                segments.logSegments(50, LAST_NUMBER - 50));
    }

    @Test
    void aNumberThatAgreesInItsLowBitsFindsNoOtherSegment() {
        segments.add(segment(5));
        for (int bit = 3; bit < 53 - SHIFT; bit++) {
            assertNull(at(5 | 1L << bit), "bit " + bit);
        }
        assertEquals(5, at(5).number());
    }

    @Test
    void theTableIsAsLargeAsTheSegmentsAreMany() {
        for (int count = 0; count < 200; count++) {
            Segment[] table = SegmentTable.of(segments.logSegments());
            assertTrue(
                    table.length >= 2 * count && table.length <= Math.max(4, 4 * count), count + ": " + table.length);
            segments.add(segment(LAST_NUMBER - count));
        }
    }
}
