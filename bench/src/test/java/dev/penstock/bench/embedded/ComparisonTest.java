package dev.penstock.bench.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.bench.report.Median;
import dev.penstock.bench.report.Table;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ComparisonTest {

    @Test
    void oneDisturbedRoundDoesNotMoveTheFigure() {
        List<Comparison.Row> rows = new Comparison(List.of(
                        ops("get", "penstock", 1, 4_000_000),
                        ops("get", "lmdb-1000", 1, 1_000_000),
                        ops("get", "penstock", 2, 100),
                        ops("get", "lmdb-1000", 2, 1_100_000),
                        ops("get", "penstock", 3, 4_400_000),
                        ops("get", "lmdb-1000", 3, 900_000)))
                .rows();

        assertEquals(2, rows.size());
        assertEquals(4_000_000, rows.getFirst().median());
        assertEquals(100, rows.getFirst().lowest());
        assertEquals(4_400_000, rows.getFirst().highest());
        assertEquals(1.0, rows.getFirst().toPenstock());
        assertEquals(0.25, rows.getLast().toPenstock());
    }

    @Test
    void aFloorIsComparedWithTheGetOfAsManyThreads() {
        List<Comparison.Row> rows = new Comparison(List.of(
                        ops("get", "penstock", 1, 4),
                        ops("get, 2 threads", "penstock", 1, 8),
                        ops("floor, serial", Comparison.FLOOR, 1, 2),
                        ops("floor, independent, 2 threads", Comparison.FLOOR, 1, 24)))
                .rows();

        assertEquals(0.5, rows.get(2).toPenstock());
        assertEquals(3, rows.get(3).toPenstock());
    }

    @Test
    void withoutPenstockThereIsNoRatio() {
        Comparison comparison = new Comparison(List.of(ops("get", "hashmap", 1, 5)));

        assertTrue(Double.isNaN(comparison.rows().getFirst().toPenstock()));
        assertFalse(comparison.table().toString().contains("NaN"));
    }

    @Test
    void aTargetIsShownWhenBothItsFiguresWereMeasured() {
        Comparison comparison = new Comparison(List.of(
                ops("get", "penstock", 1, 3),
                ops("get", "chronicle", 1, 2),
                ops("get, 16 at a time", "penstock", 1, 9),
                ops("durable put, 8 threads", "penstock", 1, 5)));

        assertEquals("""
                | penstock          | divided by     | ratio | required |
                | ----------------- | -------------- | -----:| --------:|
                | get               | chronicle, get |  1.50 |     2.00 |
                | get, 16 at a time | penstock, get  |  3.00 |     2.00 |
                """, RatioTarget.table(comparison).orElseThrow().toString());
    }

    @Test
    void whatWasNotMeasuredHasNoTargets() {
        assertEquals(Optional.empty(), RatioTarget.table(new Comparison(List.of(ops("get", "hashmap", 1, 5)))));
    }

    @Test
    void theTableReadsAsMarkdownInAlignedColumns() {
        String table = new Table(1, "name", "ops/s")
                .row("a", "1,000")
                .row("long name", "7")
                .toString();

        assertEquals("""
                | name      | ops/s |
                | --------- | -----:|
                | a         | 1,000 |
                | long name |     7 |
                """, table);
    }

    @Test
    void aRowWithACellTooManyIsRefused() {
        Table table = new Table(1, "name", "ops/s");

        assertThrows(IllegalArgumentException.class, () -> table.row("a", "1", "2"));
    }

    @Test
    void theMedianOfAnEvenCountLiesBetweenTheMiddleTwo() {
        assertEquals(2.5, Median.of(List.of(4.0, 1.0, 3.0, 2.0)));
        assertEquals(3, Median.of(List.of(9.0, 1.0, 3.0)));
        assertThrows(IllegalArgumentException.class, () -> Median.of(List.of()));
    }

    private static Sample ops(String operation, String engine, int round, double figure) {
        return new Sample(operation, engine, Operation.Unit.OPS_PER_SECOND, round, figure, 0, 0, 0);
    }
}
