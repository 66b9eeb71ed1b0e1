package dev.penstock.bench.report;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A figure of several rounds, and how far they are apart.
 *
 * @param median see {@link Median}
 * @param lowest the lowest of the rounds
 * @param highest the highest of the rounds
 */
public record Spread(double median, double lowest, double highest) {

    /**
     * The spread of one figure of some rounds.
     *
     * @throws IllegalArgumentException if there is no round
     */
    public static <T> Spread of(List<T> rounds, ToDoubleFunction<T> figure) {
        double median = Median.of(rounds, figure);
        double lowest = Double.POSITIVE_INFINITY;
        double highest = Double.NEGATIVE_INFINITY;
        for (T round : rounds) {
            lowest = Math.min(lowest, figure.applyAsDouble(round));
            highest = Math.max(highest, figure.applyAsDouble(round));
        }
        return new Spread(median, lowest, highest);
    }
}
