package dev.penstock.tools.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys are asked for as often as the distribution says, with a seed that makes it certain. */
class KeyDistributionTest {

    private static final long SEED = 20;
    private static final int DRAWS = 1_000_000;

    /**
     * The value that a chi-square of so many degrees of freedom exceeds once in a thousand times, by Wilson and
     * Hilferty.
     */
    private static double limit(int degrees) {
        double part = 2.0 / (9 * degrees);
        return degrees * Math.pow(1 - part + 3.09 * Math.sqrt(part), 3);
    }

    private static double chiSquare(long[] found, double[] expectedShares) {
        double sum = 0;
        for (int i = 0; i < found.length; i++) {
            double expected = expectedShares[i] * DRAWS;
            sum += (found[i] - expected) * (found[i] - expected) / expected;
        }
        return sum;
    }

    /** The share of each rank, the most popular first. */
    private static double[] zipf(int count) {
        double[] shares = new double[count];
        double sum = 0;
        for (int rank = 1; rank <= count; rank++) {
            shares[rank - 1] = Math.pow(rank, -KeyDistribution.EXPONENT);
            sum += shares[rank - 1];
        }
        for (int i = 0; i < count; i++) {
            shares[i] /= sum;
        }
        return shares;
    }

    private static long[] draw(KeyDistribution distribution, int count) {
        KeyDistribution.KeyChooser chooser = distribution.chooser(new KeySpace(count));
        SplittableRandom random = new SplittableRandom(SEED);
        long[] found = new long[count];
        for (int i = 0; i < DRAWS; i++) {
            found[(int) chooser.next(random)]++;
        }
        return found;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 10, 1000})
    void ranksComeAsOftenAsZipfsLawHasIt(int count) {
        ZipfSampler sampler = new ZipfSampler(KeyDistribution.EXPONENT);
        SplittableRandom random = new SplittableRandom(SEED);
        long[] found = new long[count];
        for (int i = 0; i < DRAWS; i++) {
            found[(int) sampler.next(random, count) - 1]++;
        }
        double chiSquare = chiSquare(found, zipf(count));
        assertTrue(chiSquare < limit(count - 1), "chi-square " + chiSquare + ", limit " + limit(count - 1));
    }

    /** Each rank is one key: the frequencies are those of the law, and the popular keys lie anywhere. */
    @Test
    void zipfianKeysAreAPermutationOfTheRanks() {
        int count = 1000;
        long[] found = draw(KeyDistribution.ZIPFIAN, count);
        KeyPermutation permutation = new KeyPermutation(count);
        long[] byRank = new long[count];
        for (int rank = 0; rank < count; rank++) {
            byRank[rank] = found[(int) permutation.of(rank)];
        }
        double chiSquare = chiSquare(byRank, zipf(count));
        assertTrue(chiSquare < limit(count - 1), "chi-square " + chiSquare);
        long firstHalf = Arrays.stream(found, 0, count / 2).sum();
        assertTrue(firstHalf > DRAWS / 4 && firstHalf < DRAWS * 3 / 4, "the popular keys are all on one side");
        int neighbours = 0;
        for (int rank = 1; rank < 20; rank++) {
            neighbours += Math.abs(permutation.of(rank) - permutation.of(rank - 1)) == 1 ? 1 : 0;
        }
        assertTrue(neighbours < 5, "popular keys are neighbours");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 64, 1000, 65_537})
    void aPermutationGivesEachNumberOnce(long count) {
        KeyPermutation permutation = new KeyPermutation(count);
        boolean[] seen = new boolean[(int) count];
        for (long number = 0; number < count; number++) {
            int image = (int) permutation.of(number);
            assertTrue(!seen[image], number + " and another lead to " + image);
            seen[image] = true;
        }
    }

    @Test
    void uniformKeysComeEquallyOften() {
        double[] shares = new double[1000];
        Arrays.fill(shares, 0.001);
        double chiSquare = chiSquare(draw(KeyDistribution.UNIFORM, 1000), shares);
        assertTrue(chiSquare < limit(999), "chi-square " + chiSquare);
    }

    @Test
    void theLatestKeysComeMostOften() {
        long[] found = draw(KeyDistribution.LATEST, 1000);
        long[] byAge = new long[1000];
        for (int key = 0; key < 1000; key++) {
            byAge[999 - key] = found[key];
        }
        double chiSquare = chiSquare(byAge, zipf(1000));
        assertTrue(chiSquare < limit(999), "chi-square " + chiSquare);
    }

    @Test
    void theLatestKeyIsTheOneInsertedLast() {
        KeySpace keys = new KeySpace(10);
        KeyDistribution.KeyChooser chooser = KeyDistribution.LATEST.chooser(keys);
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < 1000; i++) {
            long key = keys.allocate();
            assertTrue(chooser.next(random) < key, "a key that is not stored was asked for");
            keys.acknowledge(key);
        }
        int newest = 0;
        for (int i = 0; i < 1000; i++) {
            newest += chooser.next(random) == 1009 ? 1 : 0;
        }
        assertTrue(newest > 80, newest + " of 1000 for the newest key");
    }

    /** Inserts are answered in any order; a key is readable once it and all before it are stored. */
    @Test
    void aKeyIsAskedForOnlyOnceAllBeforeItAreStored() {
        KeySpace keys = new KeySpace(5);
        long first = keys.allocate();
        long second = keys.allocate();
        long third = keys.allocate();
        keys.acknowledge(third);
        assertEquals(5, keys.readable());
        keys.acknowledge(first);
        assertEquals(6, keys.readable());
        keys.acknowledge(second);
        assertEquals(8, keys.readable());
    }

    /** What lies behind is forgotten, and the count is right all the same. */
    @Test
    void millionsOfInsertsOutOfOrderAreCounted() {
        KeySpace keys = new KeySpace(3);
        int inserts = 3_000_000;
        for (int i = 0; i < inserts; i += 3) {
            long first = keys.allocate();
            long second = keys.allocate();
            long third = keys.allocate();
            keys.acknowledge(second);
            keys.acknowledge(third);
            keys.acknowledge(first);
            assertEquals(3 + i + 3, keys.readable());
        }
    }

    @Test
    void theSameSeedDrawsTheSameKeys() {
        for (KeyDistribution distribution : KeyDistribution.values()) {
            assertTrue(Arrays.equals(draw(distribution, 100), draw(distribution, 100)), distribution.name());
        }
    }
}
