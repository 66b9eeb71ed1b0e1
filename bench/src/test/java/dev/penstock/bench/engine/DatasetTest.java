package dev.penstock.bench.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DatasetTest {

    @Test
    void noTwoNumbersShareAKeyAndNoKeyIsAnothersReverse() {
        Set<Long> words = new HashSet<>();
        for (long n = 0; n < 100_000; n++) {
            assertTrue(words.add(Dataset.high(n)), "high word of " + n);
            assertTrue(words.add(Dataset.low(n)), "low word of " + n);
        }
    }

    @Test
    void aValueShowsItsStampAtBothEndsAndNowhereElse() {
        byte[] value = Dataset.blankValue();
        Dataset.stampValue(value, 42);

        assertEquals(Dataset.VALUE_LENGTH, value.length);
        assertEquals(
                Dataset.signature(42),
                (long) Dataset.WORD.get(value, 0) ^ (long) Dataset.WORD.get(value, Dataset.LAST_WORD_OFFSET));
        for (int i = Long.BYTES; i < Dataset.LAST_WORD_OFFSET; i++) {
            assertEquals('v', value[i]);
        }
    }

    @Test
    void noStampLooksLikeAnAbsentKey() {
        for (long stamp = 1; stamp < 1_000_000; stamp++) {
            assertNotEquals(ContenderSession.ABSENT, Dataset.signature(stamp));
        }
        assertNotEquals(ContenderSession.ABSENT, Dataset.signature(0xFFFF_FFFFL));
    }

    @Test
    void aRandomWalkStaysInBoundsAndReachesBothEnds() {
        RandomWalk walk = new RandomWalk(10);
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            seen.add(walk.next());
        }
        assertEquals(Set.of(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L), seen);
    }
}
