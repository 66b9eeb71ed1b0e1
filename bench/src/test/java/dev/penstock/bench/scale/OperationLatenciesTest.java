package dev.penstock.bench.scale;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class OperationLatenciesTest {

    @Test
    void theLongestAreKeptWithTheirPlacesWhateverTheOrderTheyCameIn() {
        OperationLatencies latencies = new OperationLatencies("put");
        for (long millis : new long[] {3, 1, 9, 2, 7, 8, 1, 5}) {
            latencies.record(millis * 1_000_000);
        }

        assertEquals(
                "9.00 ms at 2; 8.00 ms at 5; 7.00 ms at 4; 5.00 ms at 7; 3.00 ms at 0",
                latencies.summary().longest());
    }

    @Test
    void oneSlowOperationInTenThousandShowsWhereItShould() {
        OperationLatencies latencies = new OperationLatencies("put");
        for (int i = 0; i < 9_999; i++) {
            latencies.record(1_000);
        }
        latencies.record(2_000_000);
        OperationLatencies.Summary summary = latencies.summary();

        assertEquals(10_000, summary.count());
        assertEquals(1, summary.p50Micros());
        assertEquals(1, summary.p9999Micros());
        assertEquals(2_000, summary.maxMicros(), 2);
        assertEquals(1, summary.over1ms());
    }
}
