package dev.penstock.store.threat.power;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The machine dies while a store is made below missing directories, backed up, copied, or opened where it was backed up
 * to. How many states are looked at is {@code -Dpenstock.backupPowerCuts}, the seed {@code -Dpenstock.seed}; with
 * {@code -Dpenstock.backupPowerLossLife} only the one life with that seed is lived.
 */
@Tag("slow")
public class BackupPowerLossTest {

    private static final long STATES = Long.getLong("penstock.backupPowerCuts", 20_000);
    private static final long LONGEST_SECONDS = Long.getLong("penstock.powerCutSeconds", 8);

    /** Kept, since a logger that nobody holds forgets its level. */
    private final Logger logger = Logger.getLogger("dev.penstock.store");

    @BeforeEach
    void silence() {
        logger.setLevel(Level.OFF);
    }

    @AfterEach
    void speak() {
        logger.setLevel(null);
    }

    @Test
    void aPowerCutLeavesOneBackupWholeAndTheStoreUntouched() throws Exception {
        Long only = Long.getLong("penstock.backupPowerLossLife");
        if (only != null) {
            live(only);
            return;
        }
        long seed = Long.getLong("penstock.seed", System.nanoTime());
        System.out.println("BackupPowerLossTest: -Dpenstock.seed=" + seed + " -Dpenstock.backupPowerCuts=" + STATES);
        long start = System.nanoTime();
        long states = livesUntil(start + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS), seed, STATES);
        System.out.printf("BackupPowerLossTest: %,d states in %.1f s%n", states, (System.nanoTime() - start) / 1e9);
    }

    /** Lives lives until so many states were looked at. */
    static long lives(long seed, long count) throws Exception {
        return livesUntil(System.nanoTime() + Long.MAX_VALUE / 2, seed, count);
    }

    private static long livesUntil(long deadlineNanos, long seed, long count) throws Exception {
        Random random = new Random(seed);
        long states = 0;
        while (states < count && System.nanoTime() - deadlineNanos < 0) {
            states += live(random.nextLong());
        }
        return states;
    }

    static long live(long seed) throws Exception {
        try (BackupPowerLossWorkload workload = new BackupPowerLossWorkload(seed)) {
            return workload.run();
        }
    }
}
