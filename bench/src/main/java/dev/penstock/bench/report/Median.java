package dev.penstock.bench.report;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** The middle of several measurements, which one disturbed round does not move. */
public final class Median {

    private Median() {}

    /** The middle value of one figure of some rounds. */
    public static <T> double of(List<T> rounds, ToDoubleFunction<T> figure) {
        return of(rounds.stream().map(figure::applyAsDouble).toList());
    }

    /** The middle value, or the mean of the two in the middle. */
    public static double of(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("no values");
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
