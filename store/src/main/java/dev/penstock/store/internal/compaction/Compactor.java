package dev.penstock.store.internal.compaction;

import dev.penstock.store.CompactionReport;
import dev.penstock.store.CorruptionException;
import dev.penstock.store.PageLostException;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.internal.compaction.CompactionPolicy.LogState;
import dev.penstock.store.internal.compaction.CompactionPolicy.SegmentState;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.DiskFullException;
import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.log.GroupCommit;
import dev.penstock.store.internal.log.Log;
import dev.penstock.store.internal.log.WriteActivity;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Rewrites segments that hold dead records: what is current is appended to the log once more, and when that is durable the
 * old segment is retired and its file removed. All at once when somebody asks for it, or slice by slice in the background.
 *
 * <p><b>Crash argument.</b> A copy says what the record it replaces says, so that a log which holds both means the same.
 * Segments are retired in groups, see {@link Retirement}. Recovery takes no notice of a segment whose retirement is in the
 * log, whether its file is still there or not; without the retirement the segment still counts, and all of it is there.
 *
 * <p><b>In any order.</b> What is dropped from a segment matters only to older ones (see {@link SegmentEvacuation}). Older ones
 * that are emptied but not retired yet do not count for that, since their retirements come first in the log: where the
 * younger segment's counts, theirs do.
 *
 * <p><b>On a full disk</b> the log keeps room for copies that nothing else may take. It is spent where it brings back the
 * most: on the segments with the fewest live bytes, one at a time.
 *
 * <p>Writers and readers may go on meanwhile. Thread-safe; one compaction at a time.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // whoever counts holds the lock
public final class Compactor {

    /** How much is copied, in segments, before those it came from are given back: bounds the room that compaction needs. */
    private static final int COPIED_GROUP_SEGMENTS = 2;
    /** The same while the group before is still being given back. */
    private static final int MOST_COPIED_SEGMENTS = 4 * COPIED_GROUP_SEGMENTS;
    /** Emptied files that wait for a checkpoint may take this part of what is live: to write many would take longer. */
    private static final int ASKED_WAITING_FRACTION = 2;
    /** In the background, how much is emptied before: large enough that forces are few. */
    private static final long EMPTIED_GROUP_LENGTH = 32L << 20;

    private static final long WHOLE_SEGMENT = Long.MAX_VALUE / 2;

    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    private static final System.Logger LOGGER = System.getLogger("dev.penstock.store");

    private final SegmentSet segments;
    private final KeyDirectory directory;
    private final RetiredFiles retiredFiles;
    private final Log log;
    private final RecordRelocator relocation;
    private final RecordRelocator relocationMeanwhile;
    private final SingleTask walker;
    private final WriteActivity writers;
    private final FailureLatch failure;
    private final long salt;

    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, like all below. */
    private SegmentEvacuation current;

    private final Retirement retirement;
    /** As long as there is an older segment than this one, the oldest is next. */
    private long mustBeOldest = -1;
    /** Segments that stay as they are: in which a record is damaged, and those that may not go before such a one. */
    private final Set<Long> damaged = new HashSet<>();

    private long movedCount;
    private long droppedCount;
    private volatile long movedBytes;

    /**
     * @param thread runs what it is given, once
     * @param storeName for events
     */
    public Compactor(
            SegmentSet segments,
            KeyDirectory directory,
            RetiredFiles retiredFiles,
            Log log,
            GroupCommit groupCommit,
            Supplier<RecordRelocator> relocations,
            Executor thread,
            FailureLatch failure,
            long salt,
            String storeName) {
        this.segments = segments;
        this.directory = directory;
        this.retiredFiles = retiredFiles;
        this.log = log;
        this.relocation = relocations.get();
        this.relocationMeanwhile = relocations.get();
        this.walker = new SingleTask(thread);
        this.writers = new WriteActivity(log);
        this.retirement = new Retirement(segments, retiredFiles, log, groupCommit, thread, storeName);
        this.failure = failure;
        this.salt = salt;
    }

    /** Bytes of records written once more since the store was opened. */
    public long movedBytes() {
        return movedBytes;
    }

    /** Segments retired since the store was opened. */
    public long retiredCount() {
        return retirement.retiredCount();
    }

    /** Bytes of files that are of no use any more and wait for a checkpoint to go. */
    public long waitingBytes() {
        return retiredFiles.bytes();
    }

    // --- all at once ---

    /** Rewrites every segment that is worth it, the one that is appended to included. */
    public CompactionReport run(ProgressListener listener) throws IOException {
        lock.lock();
        try {
            failure.check();
            finish();
            retiredFiles.deleteAll();
            return runAlone(listener);
        } finally {
            lock.unlock();
        }
    }

    private CompactionReport runAlone(ProgressListener listener) throws IOException {
        long before = segments.usedBytes();
        long movedBefore = movedCount;
        long droppedBefore = droppedCount;
        long retiredBefore = retirement.retiredCount();
        long firstNew = sealActive();
        List<Segment> victims = segments.logSegments().stream()
                .filter(segment -> segment.number() < firstNew
                        && !segment.isPoisoned()
                        && CompactionPolicy.isWorthwhile(state(segment)))
                .toList();
        FullCompactionProgress progress = new FullCompactionProgress(
                listener, victims.stream().mapToLong(Segment::usedLength).sum());
        try {
            if (!victims.isEmpty()) {
                log.prepareNext();
            }
            runWithRoom(victims, progress);
        } catch (DiskFullException full) {
            LOGGER.log(System.Logger.Level.DEBUG, full.getMessage());
            current = null;
            retirement.retireAll();
            runWithoutRoom(victims, progress, retiredBefore);
        }
        return new CompactionReport(
                before, segments.usedBytes(), movedCount - movedBefore, droppedCount - droppedBefore, (int)
                        (retirement.retiredCount() - retiredBefore));
    }

    private void runWithRoom(List<Segment> victims, FullCompactionProgress progress) throws IOException {
        try {
            int maps = Math.ceilDiv(victims.size(), LiveRecordBitmap.segmentCount(segments, directory));
            for (int map = 0; map < maps; map++) {
                runWithMap(victims.subList(victims.size() * map / maps, victims.size() * (map + 1) / maps), progress);
            }
        } finally {
            retirement.settle();
        }
        retirement.retireAll();
        retiredFiles.deleteAll();
    }

    private void runWithMap(List<Segment> victims, FullCompactionProgress progress) throws IOException {
        try (LiveRecordBitmap map = new LiveRecordBitmap(victims, segments)) {
            map.fill(directory);
            for (Iterator<Segment> rest = victims.iterator(); rest.hasNext(); ) {
                Segment segment = rest.next();
                boolean alone = writers.isQuiet();
                if (alone && PROCESSORS > 1 && rest.hasNext()) {
                    Segment meanwhile = rest.next();
                    emptyBoth(segment, meanwhile, map);
                    progress.add(meanwhile);
                } else {
                    // Where others write, too much has died since the map was made.
                    empty(segment, alone ? map : null);
                }
                progress.add(segment);
                if (isGroup()) {
                    retirement.retireAside(mostWaiting(progress));
                }
            }
        }
    }

    private boolean isGroup() {
        int least = retirement.isBusyAside() ? MOST_COPIED_SEGMENTS : COPIED_GROUP_SEGMENTS;
        return retirement.copiedBytes() >= least * segments.segmentSize() || retirement.isFull();
    }

    /** When all is done everything goes, by a checkpoint that no other shall be in the way of. */
    private long mostWaiting(FullCompactionProgress progress) {
        return progress.isNearlyComplete() ? Long.MAX_VALUE : segments.liveBytes() / ASKED_WAITING_FRACTION;
    }

    /** Empties two segments at the same time. The second one counts on the first to be retired before it. */
    private void emptyBoth(Segment segment, Segment meanwhile, LiveRecordBitmap map) throws IOException {
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

    /**
     * One by one, those first that need the least room, and each one's room is given back before the next: nothing is copied
     * that has no chance to get through. It ends where the rest does not fit.
     */
    private void runWithoutRoom(List<Segment> victims, FullCompactionProgress progress, long retiredBefore)
            throws IOException {
        DiskFullException refused = null;
        retirement.makeRoom();
        List<SegmentState> left = victims.stream()
                .filter(segments.logSegments()::contains)
                .map(Compactor::state)
                .sorted(Comparator.comparingLong(SegmentState::liveBytes))
                .toList();
        for (SegmentState victim : left) {
            Segment segment = segments.segment(segments.position(victim.number(), 0));
            try {
                empty(segment, null);
                retirement.retireAll();
            } catch (DiskFullException full) {
                current = null;
                refused = full;
                break;
            }
            progress.add(segment);
            retirement.makeRoom();
        }
        if (refused != null && retirement.retiredCount() == retiredBefore) {
            throw refused;
        }
    }

    /** The number of the first segment that is not compacted. On a full disk the active one is left as it is. */
    private long sealActive() throws IOException {
        try {
            return log.rollNow();
        } catch (DiskFullException full) {
            return log.active().number();
        }
    }

    private void empty(Segment segment, LiveRecordBitmap map) throws IOException {
        begin(segment, map);
        while (current != null) {
            walk(WHOLE_SEGMENT);
        }
    }

    // --- slice by slice ---

    /**
     * Goes on with the segment under way, or begins with the one that is chosen.
     *
     * @param choice the segment to empty next, null for none; of the log as it is
     * @param maxBytes how many bytes of the segment to walk, or up to the end of the record that they end in
     * @return how many were walked; 0 if nothing was chosen, or a compaction is under way that was asked for
     */
    long slice(Function<LogState, SegmentState> choice, long maxBytes) throws IOException {
        if (!lock.tryLock()) {
            return 0;
        }
        try {
            failure.check();
            return sliceAlone(choice, maxBytes);
        } finally {
            lock.unlock();
        }
    }

    private long sliceAlone(Function<LogState, SegmentState> choice, long maxBytes) throws IOException {
        try {
            if (current == null && !begin(choice)) {
                finish();
                return 0;
            }
            long walked = walk(maxBytes);
            if (retirement.emptiedBytes() >= EMPTIED_GROUP_LENGTH || retirement.isFull()) {
                finish();
            }
            return walked;
        } catch (DiskFullException full) {
            makeRoom(full);
            return maxBytes;
        } catch (CorruptionException | PageLostException damage) {
            if (current == null) {
                throw damage;
            }
            LOGGER.log(System.Logger.Level.WARNING, "compaction leaves a damaged segment as it is", damage);
            damaged.add(current.segment().number());
            current = null;
            return maxBytes;
        }
    }

    /** What compaction looks at to decide; null while one is under way that was asked for. */
    LogState state() {
        if (!lock.tryLock()) {
            return null;
        }
        try {
            return measure();
        } finally {
            lock.unlock();
        }
    }

    /** Whether files can go soon. */
    boolean isReleaseRequested() {
        return retiredFiles.isRequested();
    }

    /** Number of the segment that the log has come to. */
    long tailNumber() {
        return segments.number(log.publishedPosition());
    }

    private LogState measure() {
        // What is published goes on in a later segment: in those below everything is complete.
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

    private static SegmentState state(Segment segment) {
        return new SegmentState(
                segment.number(), segment.usedLength(), segment.liveBytes().sum(), segment.tombstoneBytes());
    }

    private boolean begin(Function<LogState, SegmentState> choice) throws IOException {
        LogState state = measure();
        boolean oldestFirst =
                !state.sealed().isEmpty() && state.sealed().getFirst().number() < mustBeOldest;
        SegmentState chosen = oldestFirst ? state.sealed().getFirst() : choice.apply(state);
        if (chosen != null && !oldestFirst && log.isRoomShort()) {
            chosen = CompactionPolicy.cheapest(state);
        }
        if (chosen == null) {
            return false;
        }
        begin(segments.segment(segments.position(chosen.number(), 0)), null);
        return true;
    }

    /** Retires what is emptied, and deletes what can go. */
    private void finish() throws IOException {
        current = null;
        retirement.retireAll();
        retirement.deleteReleased(CompactionPolicy.mostWaitingBytes(measure()));
    }

    /** Waits for the end of a compaction that is under way, and breaks off the one in the background. */
    public void stop() {
        lock.lock();
        try {
            current = null;
        } finally {
            lock.unlock();
        }
    }

    /** Nobody writes any more: what is emptied is given back before the last checkpoint is written. */
    public void close() throws IOException {
        lock.lock();
        try {
            retiredFiles.deleteAll();
        } finally {
            lock.unlock();
        }
    }

    // --- how ---

    private void begin(Segment segment, LiveRecordBitmap map) throws IOException {
        retirement.begin();
        current = evacuation(segment, relocation, segment, map);
    }

    /**
     * @param leaving a segment that is as good as emptied
     * @param map of the segment and others, or null: one is worth it for many
     */
    private SegmentEvacuation evacuation(Segment segment, RecordRelocator by, Segment leaving, LiveRecordBitmap map) {
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
     * The word that a segment is gone is needed while its file is there, while an older one leads on to it, and while the
     * newest header says that the log begins with it or an older one.
     */
    private boolean isRetirementNeeded(long number) {
        return number >= log.active().logBegin()
                || number >= segments.oldestNumber()
                || number >= retiredFiles.lowestNumber();
    }

    /** Goes on with the segment under way; how many of its bytes were walked. */
    private long walk(long maxBytes) throws IOException {
        SegmentEvacuation walked = current;
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

    private void emptied(SegmentEvacuation walked) {
        movedCount += walked.movedCount();
        droppedCount += walked.droppedCount();
        retirement.add(walked);
    }

    /** After something could not be copied because the disk is full. */
    private void makeRoom(DiskFullException full) throws IOException {
        current = null;
        if (retirement.isEmpty() && retiredFiles.isEmpty()) {
            throw full;
        }
        retirement.retireAll();
        retirement.makeRoom();
    }
}
