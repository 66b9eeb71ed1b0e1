package dev.penstock.bench.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class RedisBenchmarkTest {

    @Test
    void rateAndPercentilesAreTakenFromTheLineOfTheCommand() throws IOException {
        String csv = """
                WARNING: Could not fetch server CONFIG
                "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max"
                "SET","1500.50","30.0","1.0","2.5","40.0","7.25","90.0"
                "GET","2000000.25","0.2","0.1","0.3","0.4","0.5","0.6"
                """;

        assertEquals(new RedisBenchmark.Result(1500.5, 2.5, 7.25), RedisBenchmark.parse(csv, "SET"));
        assertEquals(2_000_000.25, RedisBenchmark.parse(csv, "GET").perSecond());
        assertThrows(IOException.class, () -> RedisBenchmark.parse(csv, "MGET"));
    }

    @Test
    void aProgramThatReportsTheRateAloneIsRefused() {
        IOException refused =
                assertThrows(IOException.class, () -> RedisBenchmark.parse("\"SET\",\"1500.50\"\n", "SET"));

        assertTrue(refused.getMessage().contains("6.2 or later"), refused.getMessage());
    }
}
