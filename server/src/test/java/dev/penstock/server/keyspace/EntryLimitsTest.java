package dev.penstock.server.keyspace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.resp.CommandError;
import org.junit.jupiter.api.Test;

/** An entry has steps of many clients, and what one of them does takes nothing from another. */
class EntryLimitsTest {

    private static final int VALUE = 1 << 19;
    private static final int MANY = 10_000;

    private final EntryLimits limits = new EntryLimits();

    private void times(int count, Runnable change) {
        for (int i = 0; i < count; i++) {
            change.run();
        }
    }

    @Test
    void eachStepMayChangeSixteenMebibytes() {
        for (int step = 0; step < 3; step++) {
            limits.beginStep();
            limits.beginCommand(false);
            times(32, () -> limits.derive(VALUE));
        }
        assertEquals(3L * 32 * VALUE, limits.changedInAll());
        limits.beginCommand(false); // of the same step
        CommandError refused = assertThrows(CommandError.class, () -> limits.derive(1));
        assertEquals(
                "ERR a command or transaction on a node of a cluster may change 16 MiB of values at most",
                refused.getMessage());
    }

    @Test
    void theCommandsOfAStepThatWriteMayReadSixtyFourMebibytesTogether() {
        for (int step = 0; step < 3; step++) {
            limits.beginStep();
            times(128, () -> {
                limits.beginCommand(false);
                limits.read(VALUE);
            });
        }
        limits.beginCommand(false);
        assertThrows(CommandError.class, () -> limits.read(1));
    }

    @Test
    void eachCommandThatOnlyReadsMayReadSixtyFourMebibytes() {
        limits.beginStep();
        for (int command = 0; command < 3; command++) {
            limits.beginCommand(true);
            times(128, () -> limits.read(VALUE));
        }
        assertThrows(CommandError.class, () -> limits.read(1));
    }

    @Test
    void theReadingOfAStepIsBounded() {
        limits.beginStep();
        assertTrue(limits.admitReading(0));
        int steps = 0;
        while (steps < MANY && limits.admitReading(1 << 20)) {
            steps++;
        }
        assertTrue(steps > 0 && steps < MANY, steps + " times");
        limits.beginStep();
        assertTrue(limits.admitReading(1 << 20), "another step begins anew");
    }
}
