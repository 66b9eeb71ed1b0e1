package dev.penstock.store.internal.compaction;

import dev.penstock.store.internal.compaction.CompactionPolicy.LogState;
import dev.penstock.store.internal.compaction.CompactionPolicy.SegmentState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A log without bytes: which segment each key's record is in. It is compacted by the policy, as fast as need be. */
final class SimulatedLog {

    static final int RECORDS_PER_SEGMENT = 1_000;

    private static final long RECORD_LENGTH = 100;
    private static final long SEGMENT_SIZE = RECORDS_PER_SEGMENT * RECORD_LENGTH;

    private final Random random;
    private final int[] segmentOf;
    private final List<int[]> keysOf = new ArrayList<>();
    private final List<Integer> liveIn = new ArrayList<>();
    private int filled;
    private boolean underWay;
    private long appended;
    private long asked;

    /** @param segmentCount segments that the live records fill */
    SimulatedLog(int segmentCount, Random random) {
        this.random = random;
        this.segmentOf = new int[segmentCount * RECORDS_PER_SEGMENT];
        Arrays.fill(segmentOf, -1);
        roll();
        for (int key = 0; key < segmentOf.length; key++) {
            append(key);
        }
    }

    private void roll() {
        keysOf.add(new int[RECORDS_PER_SEGMENT]);
        liveIn.add(0);
        filled = 0;
    }

    private void append(int key) {
        if (filled == RECORDS_PER_SEGMENT) {
            roll();
        }
        if (segmentOf[key] >= 0) {
            liveIn.set(segmentOf[key], liveIn.get(segmentOf[key]) - 1);
        }
        int active = keysOf.size() - 1;
        keysOf.get(active)[filled++] = key;
        segmentOf[key] = active;
        liveIn.set(active, liveIn.get(active) + 1);
        appended++;
    }

    /** One record, and then as much compaction as the policy asks for. */
    void overwrite() {
        asked++;
        append(random.nextInt(segmentOf.length));
        if (filled < RECORDS_PER_SEGMENT && !underWay) {
            return;
        }
        LogState log = state();
        underWay = underWay ? !CompactionPolicy.isEnough(log) : CompactionPolicy.isDue(log);
        SegmentState victim = underWay ? CompactionPolicy.next(log) : CompactionPolicy.free(log);
        if (victim != null) {
            int number = (int) victim.number();
            for (int key : keysOf.get(number)) {
                if (segmentOf[key] == number) {
                    append(key);
                }
            }
            keysOf.set(number, null);
        }
    }

    private LogState state() {
        List<SegmentState> sealed = new ArrayList<>();
        for (int number = 0; number < keysOf.size() - 1; number++) {
            if (keysOf.get(number) != null) {
                sealed.add(new SegmentState(number, SEGMENT_SIZE, liveIn.get(number) * RECORD_LENGTH, 0));
            }
        }
        return new LogState(sealed, SEGMENT_SIZE, segmentOf.length * RECORD_LENGTH, 2 * SEGMENT_SIZE, 0);
    }

    /** Segments there are, and the one made ahead. */
    long segmentCount() {
        return keysOf.stream().filter(keys -> keys != null).count() + 1;
    }

    /** Records written, since the first ones were. */
    long appended() {
        return appended - segmentOf.length;
    }

    long asked() {
        return asked;
    }
}
