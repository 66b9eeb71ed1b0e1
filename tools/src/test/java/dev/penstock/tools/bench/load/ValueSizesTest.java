package dev.penstock.tools.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValueSizesTest {

    private static final int DRAWS = 200_000;

    private static Map<Long, Integer> draw(String text) {
        ValueSizes sizes = ValueSizes.parse(text);
        SplittableRandom random = new SplittableRandom(4);
        Map<Long, Integer> found = new TreeMap<>();
        double sum = 0;
        for (int i = 0; i < DRAWS; i++) {
            long length = sizes.next(random);
            found.merge(length, 1, Integer::sum);
            sum += length;
        }
        assertEquals(1, sum / DRAWS / sizes.mean(), 0.02, "the mean of " + text);
        return found;
    }

    @Test
    void aSingleLengthIsAlwaysThat() {
        assertEquals(Map.of(100L, DRAWS), draw("100"));
        assertEquals(Map.of(64L << 10, DRAWS), draw("64k"));
        assertEquals(Map.of(3L << 20, DRAWS), draw("3M"));
    }

    @Test
    void aRangeIsSpreadEvenlyAndHasBothEnds() {
        Map<Long, Integer> found = draw("10-19");
        assertEquals(10, found.size());
        found.forEach((length, count) -> assertEquals(DRAWS / 10, count, DRAWS / 100, "length " + length));
    }

    @Test
    void weightsAreShares() {
        Map<Long, Integer> found = draw("100:90,64k:9,1m:1,7:0");
        assertEquals(3, found.size());
        assertEquals(0.90 * DRAWS, found.get(100L), 0.01 * DRAWS);
        assertEquals(0.09 * DRAWS, found.get(64L << 10), 0.01 * DRAWS);
        assertEquals(0.01 * DRAWS, found.get(1L << 20), 0.002 * DRAWS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "-1",
                "1.5",
                "10-",
                "20-10",
                "100:0",
                "100:-1",
                "100,",
                "100:1:2",
                "2000g",
                "1t",
                "99999999999999999999",
                "1 0"
            })
    void whatIsNoSizeIsRefused(String text) {
        String problem = assertThrows(IllegalArgumentException.class, () -> ValueSizes.parse(text))
                .getMessage();
        assertTrue(problem.contains("'"), problem);
    }
}
