package dev.penstock.bench;

import java.util.function.Predicate;
import org.openjdk.jmh.results.RunResult;

/**
 * The rows of the embedded comparison, in the order of the table: which JMH method each one runs, on how many threads,
 * and how its score reads.
 */
enum Operation {
    GET("get", PointBenchmarks.class, "hit", 1, Unit.OPS_PER_SECOND),
    GET_2_THREADS("get, 2 threads", PointBenchmarks.class, "hit", 2, Unit.OPS_PER_SECOND),
    MISS("miss", PointBenchmarks.class, "miss", 1, Unit.OPS_PER_SECOND),
    OVERWRITE("overwrite", PointBenchmarks.class, "overwrite", 1, Unit.OPS_PER_SECOND),
    LOAD("load", LoadBenchmark.class, "load", 1, Unit.LOADS),
    OPEN("open and first get", OpenBenchmark.class, "openAndGet", 1, Unit.MILLISECONDS),
    FLOOR_INDEPENDENT("floor, independent", FloorBenchmarks.class, "independent", 1, Unit.OPS_PER_SECOND),
    FLOOR_INDEPENDENT_2_THREADS(
            "floor, independent, 2 threads", FloorBenchmarks.class, "independent", 2, Unit.OPS_PER_SECOND),
    FLOOR_SERIAL("floor, serial", FloorBenchmarks.class, "serial", 1, Unit.OPS_PER_SECOND);

    /** How JMH's score of an operation becomes the figure of the table. */
    enum Unit {
        OPS_PER_SECOND,
        /** JMH measures seconds for all keys; the table shows keys per second. */
        LOADS,
        MILLISECONDS
    }

    private final String label;
    private final Class<?> benchmark;
    private final String method;
    private final int threads;
    private final Unit unit;

    Operation(String label, Class<?> benchmark, String method, int threads, Unit unit) {
        this.label = label;
        this.benchmark = benchmark;
        this.method = method;
        this.threads = threads;
        this.unit = unit;
    }

    String label() {
        return label;
    }

    int threads() {
        return threads;
    }

    Unit unit() {
        return unit;
    }

    /** A pattern that selects exactly this operation's JMH method. */
    String includePattern() {
        return "^" + (benchmark.getName() + "." + method).replace(".", "\\.") + "$";
    }

    /** Whether the operation is the machine's own and has no engine. */
    boolean isFloor() {
        return benchmark == FloorBenchmarks.class;
    }

    /** Whether an iteration is one call that works through every key, instead of as many calls as fit its time. */
    boolean isSingleShot() {
        return unit != Unit.OPS_PER_SECOND;
    }

    /** Which engines can do it at all, and which are worth it: LMDB's transactions make no difference to some. */
    Predicate<Engine> engines() {
        return switch (this) {
            case OPEN -> engine -> engine.isPersistent() && !engine.name().equals("lmdb-1");
            case MISS, GET_2_THREADS -> engine -> !engine.name().equals("lmdb-1");
            default -> engine -> true;
        };
    }

    Sample sample(String engine, int round, long keys, RunResult result) {
        double score = result.getPrimaryResult().getScore();
        double figure = unit == Unit.LOADS ? keys / score : score;
        double allocated = secondary(result, "gc.alloc.rate.norm");
        return new Sample(label, engine, unit, round, figure, unit == Unit.LOADS ? allocated / keys : allocated, (long)
                secondary(result, DiskProfiler.DISK_BYTES));
    }

    private static double secondary(RunResult result, String name) {
        var found = result.getSecondaryResults().get(name);
        return found == null ? 0 : found.getScore();
    }
}
