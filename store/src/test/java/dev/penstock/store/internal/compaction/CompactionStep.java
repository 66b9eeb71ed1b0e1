package dev.penstock.store.internal.compaction;

import dev.penstock.store.internal.compaction.CompactionPolicy.LogState;
import dev.penstock.store.internal.compaction.CompactionPolicy.SegmentState;
import java.io.IOException;
import java.util.Random;

/** The compaction of the background, by hand: whatever the policy may choose one day, it must lose nothing. */
public final class CompactionStep {

    private static final int LONGEST_SLICE = 100_000;

    private CompactionStep() {}

    /** Goes on with a part of a segment, any segment, or gives back what is emptied. */
    public static void slice(Compactor compactor, Random random) throws IOException {
        compactor.slice(log -> choose(log, random), 1 + random.nextInt(LONGEST_SLICE));
    }

    /** Goes on with a part of the segment of a number, while it is there; how many bytes were walked. */
    public static long slice(Compactor compactor, long number) throws IOException {
        return compactor.slice(
                log -> log.sealed().stream()
                        .filter(segment -> segment.number() == number)
                        .findFirst()
                        .orElse(null),
                LONGEST_SLICE);
    }

    private static SegmentState choose(LogState log, Random random) {
        int choice = random.nextInt(log.sealed().size() + 1);
        return choice == log.sealed().size() ? null : log.sealed().get(choice);
    }
}
