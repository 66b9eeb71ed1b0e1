package dev.penstock.bench.server;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Measuring the same again, in another order. */
final class Rounds {

    private Rounds() {}

    /** The list, beginning with another element each round, so that what drifts on the machine favours none. */
    static <T> List<T> turned(List<T> all, int round) {
        List<T> turned = new ArrayList<>(all);
        Collections.rotate(turned, round);
        return turned;
    }
}
