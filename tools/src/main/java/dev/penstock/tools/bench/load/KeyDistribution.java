package dev.penstock.tools.bench.load;

import java.util.random.RandomGenerator;

/** Distribution of the requested keys. */
public enum KeyDistribution {
    /** A few keys, anywhere among the others, are requested often (Zipf's law, exponent 0.99, as in YCSB). */
    ZIPFIAN,
    /** Every key is requested equally often. */
    UNIFORM,
    /** The keys inserted last are requested most, by the same law. */
    LATEST;

    static final double EXPONENT = 0.99;

    /** A source of key numbers for one thread. */
    KeyChooser chooser(KeySpace keys) {
        return switch (this) {
            case UNIFORM -> random -> random.nextLong(keys.readable());
            case ZIPFIAN -> {
                // Over the keys of the fill: what is inserted later is as popular as if it were not there.
                long count = keys.readable();
                ZipfSampler sampler = new ZipfSampler(EXPONENT);
                KeyPermutation permutation = new KeyPermutation(count);
                yield random -> permutation.of(sampler.next(random, count) - 1);
            }
            case LATEST -> {
                ZipfSampler sampler = new ZipfSampler(EXPONENT);
                yield random -> {
                    long count = keys.readable();
                    return count - sampler.next(random, count);
                };
            }
        };
    }

    /** Draws the number of a key that can be read. */
    @FunctionalInterface
    interface KeyChooser {
        long next(RandomGenerator random);
    }
}
