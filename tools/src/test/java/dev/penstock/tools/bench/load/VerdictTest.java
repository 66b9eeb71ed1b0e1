package dev.penstock.tools.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerdictTest {

    @ParameterizedTest
    @CsvSource({
        // offered, answered, own delay in us, latency in us, busy
        "100000, 100000, 20, 300, 0.3, RATE_KEPT",
        "100000, 99500, 20, 300, 0.3, RATE_KEPT",
        // The server stalls: the generator was on time.
        "100000, 100000, 50, 90000, 0.3, RATE_KEPT",
        "100000, 90000, 50, 900000, 0.3, SERVER_BEHIND",
        // The generator itself was late by as much as what it reports.
        "100000, 100000, 4000, 5000, 0.5, GENERATOR_BEHIND",
        "100000, 40000, 800000, 810000, 0.99, GENERATOR_BEHIND",
        // It was late, but that is lost in what the server took.
        "100000, 100000, 2000, 90000, 0.5, RATE_KEPT",
        // A delay below a millisecond is what a busy machine has anyway.
        "100000, 100000, 900, 950, 0.5, RATE_KEPT",
        // The rate was missed while the generator was never idle.
        "100000, 90000, 50, 900000, 0.95, GENERATOR_BEHIND",
        "100000, 100000, 50, 900, 0.95, RATE_KEPT"
    })
    void aRunAtARateIsJudgedByWhoWasLate(
            long offered, long answered, long delayMicros, long latencyMicros, double busy, Verdict expected) {
        assertEquals(expected, Verdict.ofRate(offered, answered, 1000 * delayMicros, 1000 * latencyMicros, busy));
    }

    @ParameterizedTest
    @CsvSource({"0.2, SERVER_SATURATED", "0.89, SERVER_SATURATED", "0.9, GENERATOR_SATURATED", "1, GENERATOR_SATURATED"
    })
    void aRunWithoutARateIsJudgedByWhetherTheGeneratorWaited(double busy, Verdict expected) {
        assertEquals(expected, Verdict.ofSaturation(busy));
    }
}
