package dev.penstock.bench.embedded;

import dev.penstock.bench.engine.EngineKind;
import dev.penstock.bench.report.Table;
import java.util.List;
import java.util.Optional;

/**
 * A ratio of two figures of one run that Penstock is to reach.
 *
 * @param figure what is measured on Penstock
 * @param base what it is divided by
 * @param baseEngine whose figure that is
 * @param required the least that the ratio may be
 */
record RatioTarget(Operation figure, Operation base, String baseEngine, double required) {

    private static final String PENSTOCK = EngineKind.PENSTOCK.label();
    private static final String CHRONICLE = EngineKind.CHRONICLE.label();
    private static final String LMDB = EngineKind.LMDB_1000.label();
    private static final String HASHMAP = EngineKind.HASHMAP.label();

    private static final List<RatioTarget> ALL = List.of(
            new RatioTarget(Operation.GET, Operation.GET, CHRONICLE, 2),
            new RatioTarget(Operation.GET, Operation.GET, LMDB, 6),
            new RatioTarget(Operation.GET, Operation.GET, HASHMAP, 1),
            new RatioTarget(Operation.GET, Operation.FLOOR_SERIAL, Comparison.FLOOR, 0.75),
            new RatioTarget(Operation.GET_16, Operation.GET, PENSTOCK, 2),
            new RatioTarget(Operation.MISS, Operation.MISS, CHRONICLE, 2),
            new RatioTarget(Operation.MISS, Operation.MISS, HASHMAP, 1),
            new RatioTarget(Operation.OVERWRITE, Operation.OVERWRITE, CHRONICLE, 1.5),
            new RatioTarget(Operation.LOAD, Operation.LOAD, CHRONICLE, 2),
            new RatioTarget(Operation.DURABLE, Operation.DURABLE, EngineKind.APPEND.label(), 0.8),
            new RatioTarget(Operation.DURABLE_8_THREADS, Operation.DURABLE, EngineKind.APPEND.label(), 2.5));

    /** The targets of which a run has both figures; empty if it has none. */
    static Optional<Table> table(Comparison comparison) {
        Table table = new Table(2, "penstock", "divided by", "ratio", "required");
        boolean any = false;
        for (RatioTarget target : ALL) {
            Optional<Double> ratio = target.ratio(comparison);
            if (ratio.isPresent()) {
                any = true;
                table.row(
                        target.figure.label(),
                        target.baseEngine + ", " + target.base.label(),
                        "%.2f".formatted(ratio.get()),
                        "%.2f".formatted(target.required));
            }
        }
        return any ? Optional.of(table) : Optional.empty();
    }

    private Optional<Double> ratio(Comparison comparison) {
        return comparison
                .median(figure, PENSTOCK)
                .flatMap(above -> comparison.median(base, baseEngine).map(below -> above / below));
    }
}
