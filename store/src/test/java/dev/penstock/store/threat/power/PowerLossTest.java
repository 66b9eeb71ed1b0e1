package dev.penstock.store.threat.power;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The machine dies at any moment, and the device holds any mixture of what was on its way there. How many such states
 * are looked at is {@code -Dpenstock.powerCuts}, the seed {@code -Dpenstock.seed}; with {@code
 * -Dpenstock.powerLossLife} only the one life with that seed is lived.
 */
@Tag("slow")
public class PowerLossTest {

    private static final long STATES = Long.getLong("penstock.powerCuts", 300_000);
    private static final long LONGEST_SECONDS = Long.getLong("penstock.powerCutSeconds", 15);

    /** Kept, since a logger that nobody holds forgets its level. */
    private final Logger logger = Logger.getLogger("dev.penstock.store");

    @TempDir
    Path directory;

    /** Thousands of torn tails are cut off here. */
    @BeforeEach
    void silence() {
        logger.setLevel(Level.OFF);
    }

    @AfterEach
    void speak() {
        logger.setLevel(null);
    }

    @Test
    void whatAPowerCutLeavesIsAnExactPrefixWithAllThatWasDurable() throws Exception {
        Long only = Long.getLong("penstock.powerLossLife");
        if (only != null) {
            live(directory, only, Set.of());
            return;
        }
        long seed = Long.getLong("penstock.seed", System.nanoTime());
        System.out.println("PowerLossTest: -Dpenstock.seed=" + seed + " -Dpenstock.powerCuts=" + STATES);
        long start = System.nanoTime();
        long states = liveOnAllProcessors(new SplittableRandom(seed));
        System.out.printf("PowerLossTest: %,d states in %.1f s%n", states, (System.nanoTime() - start) / 1e9);
    }

    private long liveOnAllProcessors(SplittableRandom seeds) throws Exception {
        int count = Runtime.getRuntime().availableProcessors();
        // What a quick machine does in less is enough for a slow one.
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
            List<Future<Long>> parts = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                long seed = seeds.nextLong();
                Path own = Files.createDirectory(directory.resolve(Integer.toString(i)));
                parts.add(threads.submit(() -> livesUntil(deadlineNanos, own, seed, STATES / count, Set.of())));
            }
            long states = 0;
            for (Future<Long> part : parts) {
                states += part.get();
            }
            return states;
        }
    }

    /** Lives lives of some operations, or of any, until so many states were looked at. */
    static long lives(Path directory, long seed, long count, Set<String> only) throws Exception {
        return livesUntil(System.nanoTime() + Long.MAX_VALUE / 2, directory, seed, count, only);
    }

    private static long livesUntil(long deadlineNanos, Path directory, long seed, long count, Set<String> only)
            throws Exception {
        Random random = new Random(seed);
        long states = 0;
        while (states < count && System.nanoTime() - deadlineNanos < 0) {
            states += live(directory, random.nextLong(), only);
        }
        return states;
    }

    static long live(Path directory, long seed, Set<String> only) throws Exception {
        try (PowerLossWorkload workload = new PowerLossWorkload(seed, directory, only)) {
            return workload.run();
        }
    }
}
