package dev.penstock.tools.bench.load;

import java.util.random.RandomGenerator;

/**
 * Draws ranks from 1 to a count, the rank {@code r} with a probability proportional to {@code r} to the power of minus
 * the exponent. Exact for any count, without a table: rejection-inversion as in W. Hörmann and G. Derflinger,
 * "Rejection-inversion to generate variates from monotone discrete distributions" (1996). One thread.
 */
final class ZipfSampler {

    private final double exponent;
    private final double hIntegralOfFirst;
    private final double threshold;
    private long count;
    private double hIntegralOfCount;

    /** @param exponent above 0 */
    ZipfSampler(double exponent) {
        this.exponent = exponent;
        this.hIntegralOfFirst = hIntegral(1.5) - 1;
        this.threshold = 2 - hIntegralInverse(hIntegral(2.5) - h(2));
    }

    /** @param upTo the number of ranks, 1 or more; it may change from call to call */
    long next(RandomGenerator random, long upTo) {
        if (upTo != count) {
            count = upTo;
            hIntegralOfCount = hIntegral(upTo + 0.5);
        }
        while (true) {
            double u = hIntegralOfCount + random.nextDouble() * (hIntegralOfFirst - hIntegralOfCount);
            double x = hIntegralInverse(u);
            long rank = Math.clamp((long) (x + 0.5), 1, upTo);
            if (rank - x <= threshold || u >= hIntegral(rank + 0.5) - h((double) rank)) {
                return rank;
            }
        }
    }

    private double h(double x) {
        return Math.exp(-exponent * Math.log(x));
    }

    /** The integral of {@link #h}, which for an exponent of 1 is the logarithm. */
    private double hIntegral(double x) {
        double log = Math.log(x);
        double t = (1 - exponent) * log;
        return (Math.abs(t) > 1e-8 ? Math.expm1(t) / t : 1 + t / 2) * log;
    }

    private double hIntegralInverse(double y) {
        double t = Math.max(y * (1 - exponent), -1);
        return Math.exp((Math.abs(t) > 1e-8 ? Math.log1p(t) / t : 1 - t / 2) * y);
    }
}
