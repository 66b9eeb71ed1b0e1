package dev.penstock.bench.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ServerComparisonTest {

    @Test
    void aRatioUnderOneMeansThatPenstockIsTheCheaperOne() {
        ServerComparison comparison = new ServerComparison(List.of(
                sample(ServerKind.REDIS, 1, 5),
                sample(ServerKind.PENSTOCK, 1, 2),
                sample(ServerKind.PENSTOCK, 2, 3),
                sample(ServerKind.REDIS, 2, 5)));

        assertEquals(
                List.of(ServerKind.PENSTOCK, ServerKind.REDIS),
                comparison.rows().stream().map(ServerComparison.Row::server).toList());
        assertEquals(0.5, comparison.rows().getLast().penstockToThis());
        assertTrue(comparison.table().toString().contains(" 0.50 |"), comparison.table()::toString);
    }

    private static ServerSample sample(ServerKind server, int round, double cost) {
        return new ServerSample("GET", server, round, cost, "CPU us/request", 100, "k/s");
    }
}
