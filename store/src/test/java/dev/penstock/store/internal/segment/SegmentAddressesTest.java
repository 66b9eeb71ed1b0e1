package dev.penstock.store.internal.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.penstock.store.internal.reclaim.Reclaimer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A position leads to the address of its own segment or to none, never to that of another segment. */
class SegmentAddressesTest {

    private static final int SHIFT = 16;
    private static final long SIZE = 1L << SHIFT;

    private final Reclaimer reclaimer = new Reclaimer(new Reclaimer.Schedule() {
        @Override
        public void wakeUp() {}

        @Override
        public void lookAgainAfter(long nanos) {}
    });
    private final SegmentAddresses addresses = new SegmentAddresses(SHIFT);

    /** A segment that begins at the place-th multiple of the size; nobody reads it. */
    @SuppressWarnings("restricted")
    private Segment segment(long number, long place) {
        MemorySegment memory = MemorySegment.ofAddress(place * SIZE).reinterpret(SIZE);
        return new Segment(number, null, Arena.ofAuto(), memory, reclaimer, addresses);
    }

    private long address(long number, long offset) {
        return addresses.address(addresses.table(), number << SHIFT | offset);
    }

    @Test
    void aPositionLeadsToItsPlaceInTheSegmentAndTheAddressBackToTheSegment() {
        Segment segment = segment(5, 100);
        addresses.add(segment);
        assertEquals(100 * SIZE + 64, address(5, 64));
        assertSame(segment, addresses.segment(100 * SIZE + 64));
        assertEquals(64, addresses.offset(100 * SIZE + 64));
        assertEquals(101 * SIZE - 1, addresses.last(5L << SHIFT | 64));
        assertNull(addresses.segment(101 * SIZE));
        addresses.remove(segment);
        assertEquals(SegmentAddresses.UNKNOWN, address(5, 64));
        assertNull(addresses.segment(100 * SIZE + 64));
    }

    @Test
    void twoNumbersThatMeetInTheLargestTableHaveNoAddressUntilOneIsGone() {
        long far = 3 + (1L << 40);
        Segment near = segment(3, 100);
        Segment other = segment(far, 200);
        addresses.add(near);
        addresses.add(other);
        assertEquals(SegmentAddresses.UNKNOWN, address(3, 8));
        assertEquals(SegmentAddresses.UNKNOWN, address(far, 8));
        addresses.remove(near);
        assertEquals(200 * SIZE + 8, address(far, 8));
    }

    @Test
    void ofTwoMappingsOfOneSegmentTheLaterIsFoundAndBothStayKnown() {
        Segment shorter = segment(7, 100);
        Segment longer = segment(7, 50);
        addresses.add(shorter);
        addresses.add(longer);
        assertEquals(50 * SIZE, address(7, 0));
        assertSame(shorter, addresses.segment(100 * SIZE));
        addresses.remove(shorter);
        assertEquals(50 * SIZE, address(7, 0));
    }

    @Test
    void aMappingThatIsAboutToGoDoesNotComeBackWhenTheTableGrows() {
        Segment shorter = segment(7, 100);
        Segment longer = segment(7, 50);
        addresses.add(shorter);
        addresses.add(longer);
        addresses.add(segment(23, 200));
        assertEquals(50 * SIZE, address(7, 0));
        addresses.remove(shorter);
        assertEquals(50 * SIZE, address(7, 0));
    }

    @Test
    void aMappingThatIsNoneOfTheStoresIsNotFoundAndNotMissed() {
        SegmentSet live = new SegmentSet(SHIFT, addresses);
        Segment segment = segment(7, 100);
        live.add(segment);
        SegmentSet rebuilt = new SegmentSet(SHIFT);
        Segment other = segment(7, 50);
        rebuilt.add(other);
        assertEquals(100 * SIZE, address(7, 0));
        addresses.remove(other);
        assertEquals(100 * SIZE, address(7, 0));
        live.add(other);
        assertEquals(50 * SIZE, address(7, 0));
    }

    @Test
    void aMappingWithoutAnAddressHidesTheOneWhosePlaceItTakes() {
        SegmentSet live = new SegmentSet(SHIFT, addresses);
        Segment shorter = segment(7, 100);
        live.add(shorter);
        Segment longer = new Segment(7, null, Arena.ofAuto(), MemorySegment.NULL, reclaimer, null);
        live.add(longer);
        assertEquals(SegmentAddresses.UNKNOWN, address(7, 0));
        assertSame(shorter, addresses.segment(100 * SIZE));
    }

    @Test
    void noPositionLeadsToAnotherSegmentWhateverComesAndGoes() {
        long seed = Long.getLong("penstock.seed", System.nanoTime());
        System.out.println("SegmentAddressesTest: -Dpenstock.seed=" + seed);
        Random random = new Random(seed);
        List<Segment> known = new ArrayList<>();
        for (int step = 0; step < 3_000; step++) {
            if (random.nextInt(5) > 1 || known.isEmpty()) {
                long number = switch (random.nextInt(3)) {
                    case 0 -> random.nextInt(40);
                    case 1 -> random.nextLong(1L << 36);
                    default -> (long) random.nextInt(40) << 20;
                };
                boolean isNew = known.stream().noneMatch(segment -> segment.number() == number);
                if (isNew && random.nextInt(4) > 0) {
                    Segment segment = segment(number, 1 + 2 * step);
                    known.add(segment);
                    addresses.add(segment);
                } else if (isNew) {
                    List<Segment> several =
                            List.of(segment(number, 1 + 2 * step), segment((1L << 40) + step, 2 + 2 * step));
                    known.addAll(several);
                    addresses.addAll(several);
                }
            } else {
                addresses.remove(known.remove(random.nextInt(known.size())));
            }
            for (Segment segment : known) {
                long found = address(segment.number(), 16);
                if (found != SegmentAddresses.UNKNOWN) {
                    assertEquals(segment.memory().address() + 16, found, "step " + step);
                }
                assertSame(segment, addresses.segment(segment.memory().address() + 16));
            }
        }
    }
}
