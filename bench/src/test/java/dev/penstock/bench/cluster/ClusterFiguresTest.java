package dev.penstock.bench.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ClusterFiguresTest {

    @Test
    void onlyUnknownOutcomesAreExpected() {
        Failover.Result result = new Failover.Result(
                ClusterKind.PENSTOCK,
                List.of(),
                10,
                0,
                Map.of(
                        "-ERR the write may have been done or not: leadership changed before a majority had it",
                        3,
                        KeyClient.BROKEN,
                        4,
                        "-CLUSTERDOWN nobody leads",
                        5));

        assertEquals(5, result.unexpected());
    }

    @Test
    void roundsAreReducedToTheirMedianAndTheirExtremes() {
        List<ClusterTables.Row> rows = ClusterTables.rows(List.of(sample(1, 300), sample(2, 100), sample(3, 200)));

        assertEquals(1, rows.size());
        assertEquals(200, rows.getFirst().perSecond());
        assertEquals(100, rows.getFirst().lowest());
        assertEquals(300, rows.getFirst().highest());
    }

    private static Throughput.ThroughputSample sample(int round, double perSecond) {
        return new Throughput.ThroughputSample("SET", ClusterKind.ETCD, round, perSecond, 1, 2, 3, 4);
    }

    @Test
    void everyAnsweredRequestOfALoopIsCounted() throws IOException {
        AtomicLong sent = new AtomicLong();

        Load load = ClosedLoop.run(
                3, 4, 10, 0.05, () -> ClosedLoop.Client.of(() -> {}, keys -> sent.addAndGet(keys.size())));

        assertTrue(sent.get() > 0);
        assertEquals(sent.get(), load.requests());
    }
}
