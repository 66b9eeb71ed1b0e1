package dev.penstock.store.internal.compaction;

import dev.penstock.store.internal.compaction.CompactionPolicy.LogState;
import dev.penstock.store.internal.compaction.CompactionPolicy.SegmentState;
import dev.penstock.store.internal.log.Log;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Empties segments, for both kinds of compaction: it copies the current records of a segment and passes the emptied
 * segment on to be retired. It empties one segment at a time, or two together.
 *
 * <p><b>In any order.</b> The records dropped from a segment matter only to older segments (see {@link
 * SegmentEvacuation}). Older segments that are emptied but not yet retired do not matter, since their retirements come
 * first in the log: wherever the retirement of the younger segment counts, theirs count too.
 *
 * <p>Used under {@link #lock}. Any thread may use the lock itself and {@link #movedBytes}.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // the counting thread holds the lock
final class SegmentEvacuator {

    static final long WHOLE_SEGMENT = Long.MAX_VALUE / 2;

    /** Held by the compacting thread. */
    final ReentrantLock lock = new ReentrantLock();

    private final SegmentSet segments;
    private final RetiredFiles retiredFiles;
    private final Retirement retirement;
    private final Log log;
    private final RecordRelocator relocation;
    private final RecordRelocator relocationMeanwhile;
    private final SingleTask walker;
    private final long salt;

    private @Nullable SegmentEvacuation current;
    /** As long as there is an older segment than this one, the oldest is next. */
    private long mustBeOldest = -1;
    /** Segments that stay as they are: in which a record is damaged, and those that may not go before such a one. */
    private final Set<Long> damaged = new HashSet<>();

    private long movedCount;
    private long droppedCount;
    private volatile long movedBytes;

    /** @param thread runs what it is given, once */
    SegmentEvacuator(
            SegmentSet segments,
            RetiredFiles retiredFiles,
            Retirement retirement,
            Log log,
            Supplier<RecordRelocator> relocations,
            Executor thread,
            long salt) {
        this.segments = segments;
        this.retiredFiles = retiredFiles;
        this.retirement = retirement;
        this.log = log;
        this.relocation = relocations.get();
        this.relocationMeanwhile = relocations.get();
        this.walker = new SingleTask(thread);
        this.salt = salt;
    }

    /** Records that were copied. */
    long movedCount() {
        return movedCount;
    }

    /** Records that were left out. */
    long droppedCount() {
        return droppedCount;
    }

    /** Bytes of the records that were copied. */
    long movedBytes() {
        return movedBytes;
    }

    // --- what there is ---

    /** What compaction looks at to decide: the segments that can be emptied, and the size of the rest. */
    LogState measure() {
        // New records go to a later segment; all segments below are complete.
        long unsealed = segments.number(log.publishedPosition());
        long live = 0;
        List<SegmentState> sealed = new ArrayList<>();
        for (Segment segment : segments.logSegments()) {
            SegmentState state = state(segment);
            live += state.liveBytes();
            if (segment.number() < unsealed
                    && !retirement.contains(segment)
                    && !segment.isPoisoned()
                    && !damaged.contains(segment.number())) {
                sealed.add(state);
            }
        }
        // The active segment and the one that is made before it is full.
        long ahead = 2 * segments.segmentSize();
        return new LogState(
                sealed, segments.segmentSize(), live, ahead, retirement.emptiedBytes() + retiredFiles.bytes());
    }

    static SegmentState state(Segment segment) {
        return new SegmentState(
                segment.number(), segment.usedLength(), segment.liveBytes().sum(), segment.tombstoneBytes());
    }

    /** Whether the oldest segment has to be emptied next, since a younger one depends on that. */
    boolean isOldestDue(LogState state) {
        return !state.sealed().isEmpty() && state.sealed().getFirst().number() < mustBeOldest;
    }

    // --- the segment under way ---

    boolean isUnderWay() {
        return current != null;
    }

    private SegmentEvacuation underWay() {
        SegmentEvacuation evacuation = current;
        if (evacuation == null) {
            throw new IllegalStateException("no segment is being emptied");
        }
        return evacuation;
    }

    /**
     * Begins to empty a segment.
     *
     * @param map of the segment and others, or null: one is worth it for many
     */
    void begin(Segment segment, @Nullable LiveRecordBitmap map) throws IOException {
        retirement.begin();
        current = evacuation(segment, relocation, segment, map);
    }

    /** Leaves the segment under way as it is. */
    void breakOff() {
        current = null;
    }

    /** Leaves the segment under way as it is for good: a record in it is damaged. */
    void skipDamaged() {
        damaged.add(underWay().segment().number());
        current = null;
    }

    /** Goes on with the segment under way; how many of its bytes were walked. */
    long walk(long maxBytes) throws IOException {
        SegmentEvacuation walked = underWay();
        long from = walked.walkedBytes();
        long moved = walked.movedBytes();
        SegmentEvacuation.Outcome outcome;
        try {
            outcome = walked.walk(maxBytes);
        } finally {
            movedBytes += walked.movedBytes() - moved;
        }
        switch (outcome) {
            case UNFINISHED -> {}
            case TOO_EARLY -> {
                current = null;
                mustBeOldest = walked.segment().number();
                if (damaged.stream().anyMatch(number -> number < mustBeOldest)) {
                    damaged.add(mustBeOldest);
                }
            }
            case EMPTIED -> {
                current = null;
                emptied(walked);
            }
        }
        return walked.walkedBytes() - from;
    }

    /** Empties a segment, all of it. */
    void empty(Segment segment, @Nullable LiveRecordBitmap map) throws IOException {
        begin(segment, map);
        while (current != null) {
            walk(WHOLE_SEGMENT);
        }
    }

    /** Empties two segments at the same time. The second one counts on the first to be retired before it. */
    void emptyBoth(Segment segment, Segment meanwhile, LiveRecordBitmap map) throws IOException {
        SegmentEvacuation other = evacuation(meanwhile, relocationMeanwhile, segment, map);
        AtomicReference<SegmentEvacuation.Outcome> outcome = new AtomicReference<>();
        walker.begin(() -> outcome.set(other.walk(WHOLE_SEGMENT)));
        try {
            empty(segment, map);
        } finally {
            walker.finish();
        }
        movedBytes += other.movedBytes();
        if (retirement.contains(segment) && outcome.get() == SegmentEvacuation.Outcome.EMPTIED) {
            emptied(other);
        } else {
            empty(meanwhile, map);
        }
    }

    private void emptied(SegmentEvacuation walked) {
        movedCount += walked.movedCount();
        droppedCount += walked.droppedCount();
        retirement.add(walked);
    }

    /** Retires what is emptied, and deletes what can go. */
    void finish() throws IOException {
        current = null;
        retirement.retireAll();
        retirement.deleteReleased(CompactionPolicy.mostWaitingBytes(measure()));
    }

    /** @param leaving a segment that is as good as emptied */
    private SegmentEvacuation evacuation(
            Segment segment, RecordRelocator by, Segment leaving, @Nullable LiveRecordBitmap map) {
        by.begin();
        return new SegmentEvacuation(
                segment,
                segments.position(segment.number(), 0),
                salt,
                isOlderKept(segment, leaving),
                by,
                log,
                this::isRetirementNeeded,
                map);
    }

    private boolean isOlderKept(Segment segment, Segment leaving) {
        return segments.logSegments().stream()
                .anyMatch(other -> other.number() < segment.number()
                        && other.number() != leaving.number()
                        && !retirement.contains(other));
    }

    /**
     * The word that a segment is gone is needed while the newest header says that the log begins with it or an older
     * one, and while its file, or that of an older one, is there. An older segment that leads to it is no case of its
     * own: the log began with that one, or before, when the newest header was written.
     */
    private boolean isRetirementNeeded(long number) {
        return number >= log.active().logBegin() || number >= retiredFiles.lowestNumber();
    }
}
