package dev.penstock.store.internal.compaction;

import dev.penstock.store.CompactionReport;
import dev.penstock.store.CorruptionException;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.internal.compaction.CompactionPolicy.LogState;
import dev.penstock.store.internal.compaction.CompactionPolicy.SegmentState;
import dev.penstock.store.internal.event.CompactionEvent;
import dev.penstock.store.internal.event.FlightRecording;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.io.DiskFullException;
import dev.penstock.store.internal.io.Failure;
import dev.penstock.store.internal.segment.Log;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import dev.penstock.store.internal.write.GroupCommit;
import dev.penstock.store.internal.write.Relocation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Rewrites segments that hold dead records: what is current is appended to the log once more, and when that is durable the
 * old segment is retired and its file removed. All at once when somebody asks for it, or slice by slice in the background.
 *
 * <p><b>Crash argument.</b> A copy says what the record it replaces says, so that a log which holds both means the same.
 * Segments are retired in groups: the copies are forced, then a {@link RecordLayout#RETIRED} record for each is forced, then
 * the files go, as soon as no checkpoint needs them (see {@link RetiredFiles}). Recovery takes no notice of a segment whose
 * retirement is in the log, whether its file is still there or not; without the retirement the segment still counts, and all
 * of it is there.
 *
 * <p><b>In any order.</b> What is dropped from a segment matters only to older ones (see {@link Evacuation}). Older ones
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

    /** How much is copied before the segments it came from are given back: bounds the room that compaction needs. */
    private static final long COPIED_GROUP_LENGTH = 256L << 20;
    /** Emptied files that wait for a checkpoint may take this part of what is live: to write many would take longer. */
    private static final int ASKED_WAITING_FRACTION = 2;
    /** In the background, how much is emptied before: large enough that forces are few. */
    private static final long EMPTIED_GROUP_LENGTH = 32L << 20;
    /** So many retirements always find room in the log, see {@link Log}. */
    private static final int GROUP_COUNT = 256;

    /** Whoever reads for longer holds up the room and not the compaction. */
    private static final long LONGEST_WAIT_FOR_ROOM_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long WAIT_FOR_ROOM_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final System.Logger LOGGER = System.getLogger("dev.penstock.store");

    private final SegmentSet segments;
    private final RetiredFiles retiredFiles;
    private final Log log;
    private final GroupCommit groupCommit;
    private final Relocation relocation;
    /** Makes a group durable and gives its files back while the next one is emptied. */
    private final Aside aside;

    private final Failure failure;
    private final long salt;
    private final String storeName;

    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, like all below. */
    private Evacuation current;

    private final List<Segment> emptied = new ArrayList<>();
    /** Emptied, and retired aside: their retirements come before all later ones. */
    private List<Segment> retiring = List.of();
    /** Retired, and perhaps still held by readers. */
    private final List<Segment> unmapping = new ArrayList<>();

    private long emptiedBytes;
    private long groupStartBytes;
    private long groupStartCount;
    private CompactionEvent event;
    /** As long as there is an older segment than this one, the oldest is next. */
    private long mustBeOldest = -1;
    /** Segments that stay as they are: in which a record is damaged, and those that may not go before such a one. */
    private final Set<Long> damaged = new HashSet<>();

    private long movedCount;
    private long droppedCount;
    private volatile long movedBytes;
    private volatile long retiredCount;

    /**
     * @param thread runs what it is given, once
     * @param storeName for events
     */
    public Compactor(
            SegmentSet segments,
            RetiredFiles retiredFiles,
            Log log,
            GroupCommit groupCommit,
            Relocation relocation,
            Executor thread,
            Failure failure,
            long salt,
            String storeName) {
        this.segments = segments;
        this.retiredFiles = retiredFiles;
        this.log = log;
        this.groupCommit = groupCommit;
        this.relocation = relocation;
        this.aside = new Aside(thread);
        this.failure = failure;
        this.salt = salt;
        this.storeName = storeName;
    }

    /** Bytes of records written once more since the store was opened. */
    public long movedBytes() {
        return movedBytes;
    }

    /** Segments retired since the store was opened. */
    public long retiredCount() {
        return retiredCount;
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
        long retiredBefore = retiredCount;
        long firstNew = sealActive();
        List<Segment> victims = segments.logSegments().stream()
                .filter(segment -> segment.number() < firstNew && CompactionPolicy.isWorthwhile(state(segment)))
                .toList();
        Progress progress = new Progress(
                listener, victims.stream().mapToLong(Segment::usedLength).sum());
        try {
            if (!victims.isEmpty()) {
                log.prepareNext();
            }
            runWithRoom(victims, progress);
        } catch (DiskFullException full) {
            LOGGER.log(System.Logger.Level.DEBUG, full.getMessage());
            current = null;
            retire();
            runWithoutRoom(victims, progress, retiredBefore);
        }
        return new CompactionReport(
                before, segments.usedBytes(), movedCount - movedBefore, droppedCount - droppedBefore, (int)
                        (retiredCount - retiredBefore));
    }

    /** How far a compaction that was asked for has come. */
    private static final class Progress {

        private final ProgressListener listener;
        private final long total;
        private long done;

        Progress(ProgressListener listener, long total) {
            this.listener = listener;
            this.total = total;
        }

        void add(Segment segment) {
            done += segment.usedLength();
            listener.progress(done, total);
        }
    }

    private void runWithRoom(List<Segment> victims, Progress progress) throws IOException {
        try {
            for (Segment segment : victims) {
                empty(segment);
                progress.add(segment);
                if (movedBytes - groupStartBytes >= COPIED_GROUP_LENGTH || emptied.size() == GROUP_COUNT) {
                    retireAside();
                }
            }
        } finally {
            settle();
        }
        retire();
        retiredFiles.deleteAll();
    }

    private void retireAside() throws IOException {
        settle();
        List<Segment> group = List.copyOf(emptied);
        long most = segments.liveBytes() / ASKED_WAITING_FRACTION;
        retiring = group;
        aside.begin(() -> {
            retire(group);
            if (retiredFiles.bytes() > most) {
                retiredFiles.deleteReleased(most);
            }
        });
        retired(group);
    }

    /** Waits for what is retired aside. */
    private void settle() throws IOException {
        aside.finish();
        retiring = List.of();
    }

    /**
     * One by one, those first that need the least room, and each one's room is given back before the next: nothing is copied
     * that has no chance to get through. It ends where the rest does not fit.
     */
    private void runWithoutRoom(List<Segment> victims, Progress progress, long retiredBefore) throws IOException {
        DiskFullException refused = null;
        deleteRetired();
        List<SegmentState> left = victims.stream()
                .filter(segments.logSegments()::contains)
                .map(Compactor::state)
                .sorted(Comparator.comparingLong(SegmentState::liveBytes))
                .toList();
        for (SegmentState victim : left) {
            Segment segment = segments.segment(segments.position(victim.number(), 0));
            try {
                empty(segment);
                retire();
            } catch (DiskFullException full) {
                current = null;
                refused = full;
                break;
            }
            progress.add(segment);
            deleteRetired();
        }
        if (refused != null && retiredCount == retiredBefore) {
            throw refused;
        }
    }

    /** The file system has the room of a file when nobody maps it any more. */
    private void deleteRetired() throws IOException {
        retiredFiles.deleteAll();
        long deadlineNanos = System.nanoTime() + LONGEST_WAIT_FOR_ROOM_NANOS;
        for (Segment segment : unmapping) {
            while (!segment.isClosed() && System.nanoTime() - deadlineNanos < 0) {
                LockSupport.parkNanos(WAIT_FOR_ROOM_NANOS);
            }
        }
        unmapping.clear();
    }

    /** The number of the first segment that is not compacted. On a full disk the active one is left as it is. */
    private long sealActive() throws IOException {
        try {
            return log.rollNow();
        } catch (DiskFullException full) {
            return log.active().number();
        }
    }

    private void empty(Segment segment) throws IOException {
        begin(segment);
        while (current != null) {
            walk(Long.MAX_VALUE / 2);
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
            if (emptiedBytes >= EMPTIED_GROUP_LENGTH || emptied.size() == GROUP_COUNT) {
                finish();
            }
            return walked;
        } catch (DiskFullException full) {
            makeRoom(full);
            return maxBytes;
        } catch (CorruptionException damage) {
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
            if (segment.number() < unsealed && !emptied.contains(segment) && !damaged.contains(segment.number())) {
                sealed.add(state);
            }
        }
        // The active segment and the one that is made before it is full.
        long ahead = 2 * segments.segmentSize();
        return new LogState(sealed, segments.segmentSize(), live, ahead, emptiedBytes + retiredFiles.bytes());
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
        begin(segments.segment(segments.position(chosen.number(), 0)));
        return true;
    }

    /** Retires what is emptied, and deletes what can go. */
    private void finish() throws IOException {
        current = null;
        retire();
        unmapping.removeIf(Segment::isClosed);
        if (!retiredFiles.isEmpty()) {
            retiredFiles.deleteReleased(CompactionPolicy.mostWaitingBytes(measure()));
        }
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

    private void begin(Segment segment) throws IOException {
        if (emptied.isEmpty()) {
            groupStartBytes = movedBytes;
            groupStartCount = movedCount;
            event = FlightRecording.isOn() ? CompactionEvent.start() : null;
        }
        current = new Evacuation(
                segment,
                segments.position(segment.number(), 0),
                salt,
                isOlderKept(segment),
                relocation,
                log,
                this::isRetirementNeeded);
    }

    private boolean isOlderKept(Segment segment) {
        return segments.logSegments().stream()
                .anyMatch(other ->
                        other.number() < segment.number() && !emptied.contains(other) && !retiring.contains(other));
    }

    /** The word that a segment is gone is needed while its file is there, and while an older one leads on to it. */
    private boolean isRetirementNeeded(long number) {
        return number >= segments.logSegments().getFirst().number() || number >= retiredFiles.lowestNumber();
    }

    /** Goes on with the segment under way; how many of its bytes were walked. */
    private long walk(long maxBytes) throws IOException {
        Evacuation walked = current;
        long from = walked.walkedBytes();
        long moved = walked.movedBytes();
        Evacuation.Outcome outcome;
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
                movedCount += walked.movedCount();
                droppedCount += walked.droppedCount();
                emptied.add(walked.segment());
                emptiedBytes += walked.segment().usedLength();
            }
        }
        return walked.walkedBytes() - from;
    }

    /** After something could not be copied because the disk is full. */
    private void makeRoom(DiskFullException full) throws IOException {
        current = null;
        if (emptied.isEmpty() && retiredFiles.isEmpty()) {
            throw full;
        }
        retire();
        deleteRetired();
    }

    private void retire() throws IOException {
        if (!emptied.isEmpty()) {
            retire(emptied);
            retired(emptied);
        }
    }

    private void retire(List<Segment> group) throws IOException {
        // Recovery believes a retirement before it has looked at the values in front of it.
        groupCommit.await();
        for (Segment segment : group) {
            log.appendSystem(RecordLayout.RETIRED, segment.number());
        }
        groupCommit.await();
        for (Segment segment : group) {
            segments.remove(segment);
            retiredFiles.add(segment);
            segment.retire();
        }
    }

    private void retired(List<Segment> group) {
        unmapping.addAll(group);
        retiredCount += group.size();
        record();
        emptied.clear();
        emptiedBytes = 0;
    }

    private void record() {
        if (event != null) {
            event.store = storeName;
            event.bytesBefore = emptiedBytes;
            event.bytesAfter = movedBytes - groupStartBytes;
            event.recordsMoved = movedCount - groupStartCount;
            event.segmentsRetired = emptied.size();
            event.commit();
            event = null;
        }
    }
}
