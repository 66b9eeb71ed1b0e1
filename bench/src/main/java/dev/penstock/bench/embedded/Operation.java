package dev.penstock.bench.embedded;

import dev.penstock.bench.engine.EngineKind;
import java.util.EnumSet;
import java.util.Set;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;

/**
 * The rows of the embedded comparison, in the order of the table: which JMH method each one runs, on how many threads,
 * on which engines, and how its score reads.
 */
enum Operation {
    GET("get", PointBenchmarks.class, "hit", Unit.OPS_PER_SECOND),
    GET_2_THREADS("get, 2 threads", PointBenchmarks.class, "hit", Unit.OPS_PER_SECOND, 2, 1),
    GET_16("get, 16 at a time", BatchBenchmarks.class, "hit", Unit.OPS_PER_SECOND, 1, 16),
    MISS("miss", PointBenchmarks.class, "miss", Unit.OPS_PER_SECOND),
    OVERWRITE("overwrite", PointBenchmarks.class, "overwrite", Unit.OPS_PER_SECOND),
    OVERWRITE_16("overwrite, 16 at a time", BatchBenchmarks.class, "overwrite", Unit.OPS_PER_SECOND, 1, 16),
    OVERWRITE_100("overwrite, 100 at a time", BatchBenchmarks.class, "overwrite", Unit.OPS_PER_SECOND, 1, 100),
    OVERWRITE_1000("overwrite, 1000 at a time", BatchBenchmarks.class, "overwrite", Unit.OPS_PER_SECOND, 1, 1000),
    MIXED("get or overwrite", PointBenchmarks.class, "mixed", Unit.OPS_PER_SECOND),
    LOAD("load", LoadBenchmark.class, "load", Unit.LOADS, 1, 0),
    LOAD_16("load, 16 at a time", LoadBenchmark.class, "load", Unit.LOADS, 1, 16),
    LOAD_100("load, 100 at a time", LoadBenchmark.class, "load", Unit.LOADS, 1, 100),
    LOAD_1000("load, 1000 at a time", LoadBenchmark.class, "load", Unit.LOADS, 1, 1000),
    OPEN("open and first get", OpenBenchmark.class, "openAndGet", Unit.MILLISECONDS),
    DURABLE("durable put", DurableBenchmarks.class, "put", Unit.OPS_PER_SECOND),
    DURABLE_8_THREADS("durable put, 8 threads", DurableBenchmarks.class, "put", Unit.OPS_PER_SECOND, 8, 1),
    FLOOR_INDEPENDENT("floor, independent", FloorBenchmarks.class, "independent", Unit.OPS_PER_SECOND),
    FLOOR_INDEPENDENT_2_THREADS(
            "floor, independent, 2 threads", FloorBenchmarks.class, "independent", Unit.OPS_PER_SECOND, 2, 1),
    FLOOR_SERIAL("floor, serial", FloorBenchmarks.class, "serial", Unit.OPS_PER_SECOND);

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
    private final Unit unit;
    private final int threads;
    private final int batch;

    Operation(String label, Class<?> benchmark, String method, Unit unit) {
        this(label, benchmark, method, unit, 1, 1);
    }

    Operation(String label, Class<?> benchmark, String method, Unit unit, int threads, int batch) {
        this.label = label;
        this.benchmark = benchmark;
        this.method = method;
        this.unit = unit;
        this.threads = threads;
        this.batch = batch;
    }

    String label() {
        return label;
    }

    Unit unit() {
        return unit;
    }

    /** Whether the operation is the machine's own and has no engine. */
    boolean isFloor() {
        return benchmark == FloorBenchmarks.class;
    }

    /** Whether a put is on the device when it returns. */
    boolean isDurable() {
        return benchmark == DurableBenchmarks.class;
    }

    /** Whether an iteration is one call that works through every key, instead of as many calls as fit its time. */
    boolean isSingleShot() {
        return unit != Unit.OPS_PER_SECOND;
    }

    /** Which engines can do it at all, and which are worth it: LMDB's transactions make no difference to some. */
    Set<EngineKind> engines() {
        return switch (this) {
            case GET, OVERWRITE, LOAD ->
                EnumSet.of(
                        EngineKind.PENSTOCK,
                        EngineKind.CHRONICLE,
                        EngineKind.LMDB_1000,
                        EngineKind.LMDB_1,
                        EngineKind.HASHMAP);
            case GET_2_THREADS, MISS, MIXED ->
                EnumSet.of(EngineKind.PENSTOCK, EngineKind.CHRONICLE, EngineKind.LMDB_1000, EngineKind.HASHMAP);
            case OPEN -> EnumSet.of(EngineKind.PENSTOCK, EngineKind.CHRONICLE, EngineKind.LMDB_1000);
            case GET_16 -> EnumSet.of(EngineKind.PENSTOCK, EngineKind.HASHMAP);
            case OVERWRITE_16, OVERWRITE_100, OVERWRITE_1000, LOAD_16, LOAD_100, LOAD_1000 ->
                EnumSet.of(EngineKind.PENSTOCK, EngineKind.LMDB_1);
            case DURABLE -> EnumSet.of(EngineKind.PENSTOCK, EngineKind.LMDB_1, EngineKind.APPEND);
            case DURABLE_8_THREADS -> EnumSet.of(EngineKind.PENSTOCK, EngineKind.LMDB_1);
            case FLOOR_INDEPENDENT, FLOOR_INDEPENDENT_2_THREADS, FLOOR_SERIAL -> EnumSet.noneOf(EngineKind.class);
        };
    }

    /** Selects exactly this operation's JMH method, with its threads and its parameters. */
    ChainedOptionsBuilder select(ChainedOptionsBuilder options, String engine, long keys) {
        options.include("^" + (benchmark.getName() + "." + method).replace(".", "\\.") + "$")
                .threads(threads)
                .param("keys", Long.toString(isDurable() ? 0 : keys))
                .param("batch", Integer.toString(batch))
                .param("forced", Boolean.toString(isDurable()));
        return isFloor() ? options : options.param("engine", engine);
    }

    /** Reads what JMH measured in one fork. */
    Sample sample(String engine, int round, long keys, RunResult result) {
        double score = result.getPrimaryResult().getScore();
        double figure = switch (unit) {
            case OPS_PER_SECOND -> score * batch;
            case LOADS -> keys / score;
            case MILLISECONDS -> score;
        };
        long unitsInCall = unit == Unit.LOADS ? keys : batch;
        return new Sample(
                label,
                engine,
                unit,
                round,
                figure,
                secondary(result, "gc.alloc.rate.norm") / unitsInCall,
                (long) secondary(result, DiskProfiler.STORE_BYTES),
                isDurable() ? secondary(result, DiskProfiler.WRITTEN_BYTES) : 0);
    }

    private static double secondary(RunResult result, String name) {
        var found = result.getSecondaryResults().get(name);
        return found == null ? 0 : found.getScore();
    }
}
