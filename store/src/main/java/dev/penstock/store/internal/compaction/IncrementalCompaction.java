package dev.penstock.store.internal.compaction;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.PageLostException;
import dev.penstock.store.internal.compaction.CompactionPolicy.LogState;
import dev.penstock.store.internal.compaction.CompactionPolicy.SegmentState;
import dev.penstock.store.internal.io.DiskFullException;
import dev.penstock.store.internal.io.StoreLog;
import dev.penstock.store.internal.log.Log;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Compaction slice by slice: empties the segments that a caller chooses, a piece at a time, and retires them in groups.
 * {@link BackgroundCompaction} decides when, and which segments.
 *
 * <p>Used under the {@linkplain SegmentEvacuator#lock lock} of the evacuator.
 */
final class IncrementalCompaction {

    /** How much is emptied before it is retired: large enough that forces are few. */
    private static final long EMPTIED_GROUP_LENGTH = 32L << 20;

    private final SegmentSet segments;
    private final RetiredFiles retiredFiles;
    private final Retirement retirement;
    private final SegmentEvacuator evacuator;
    private final Log log;

    IncrementalCompaction(
            SegmentSet segments,
            RetiredFiles retiredFiles,
            Retirement retirement,
            SegmentEvacuator evacuator,
            Log log) {
        this.segments = segments;
        this.retiredFiles = retiredFiles;
        this.retirement = retirement;
        this.evacuator = evacuator;
        this.log = log;
    }

    /** See {@link Compactor#slice}. */
    long slice(Function<LogState, @Nullable SegmentState> choice, long maxBytes) throws IOException {
        try {
            if (!evacuator.isUnderWay() && !begin(choice)) {
                evacuator.finish();
                return 0;
            }
            long walked = evacuator.walk(maxBytes);
            if (retirement.emptiedBytes() >= EMPTIED_GROUP_LENGTH || retirement.isFull()) {
                evacuator.finish();
            }
            return walked;
        } catch (DiskFullException full) {
            makeRoom(full);
            return maxBytes;
        } catch (CorruptionException | PageLostException damage) {
            if (!evacuator.isUnderWay()) {
                throw damage;
            }
            StoreLog.get().log(System.Logger.Level.WARNING, "compaction leaves a damaged segment as it is", damage);
            evacuator.skipDamaged();
            return maxBytes;
        }
    }

    private boolean begin(Function<LogState, @Nullable SegmentState> choice) throws IOException {
        LogState state = evacuator.measure();
        boolean oldestFirst = evacuator.isOldestDue(state);
        SegmentState chosen = oldestFirst ? state.sealed().getFirst() : choice.apply(state);
        if (chosen != null && !oldestFirst && log.isRoomShort()) {
            chosen = CompactionPolicy.cheapest(state);
        }
        if (chosen == null) {
            return false;
        }
        evacuator.begin(segments.requireSegment(segments.position(chosen.number(), 0)), null);
        return true;
    }

    /** After something could not be copied because the disk is full. */
    private void makeRoom(DiskFullException full) throws IOException {
        evacuator.breakOff();
        if (retirement.isEmpty() && retiredFiles.isEmpty()) {
            throw full;
        }
        retirement.retireAll();
        retirement.makeRoom();
    }
}
