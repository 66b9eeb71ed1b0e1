package dev.penstock.store.internal.checkpoint;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** When a checkpoint is worth writing. */
class CheckpointPolicyTest {

    private static final long MIB = 1L << 20;

    @Test
    void aShortTailIsReplayedHoweverSmallTheImage() {
        assertFalse(CheckpointPolicy.isDue(64 * MIB, 0, false));
        assertTrue(CheckpointPolicy.isDue(64 * MIB + 1, 0, true));
    }

    @Test
    void checkpointsAddAtMostAQuarterToWhatIsWritten() {
        assertFalse(CheckpointPolicy.isDue(400 * MIB, 100 * MIB, false));
        assertTrue(CheckpointPolicy.isDue(400 * MIB + 1, 100 * MIB, false));
    }

    @Test
    void whereOneWillBeWrittenSoonTheLogMayGrowFourTimesAsLong() {
        assertFalse(CheckpointPolicy.isDue(1600 * MIB, 100 * MIB, true));
        assertTrue(CheckpointPolicy.isDue(1600 * MIB + 1, 100 * MIB, true));
    }

    @Test
    void anImageLongerThanTheLogIsNotWorthReading() {
        assertFalse(CheckpointPolicy.isImageWorthwhile(1000, 1000));
        assertTrue(CheckpointPolicy.isImageWorthwhile(1001, 1000));
    }
}
