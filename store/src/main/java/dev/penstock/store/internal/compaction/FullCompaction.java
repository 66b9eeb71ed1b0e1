package dev.penstock.store.internal.compaction;

import dev.penstock.store.CompactionReport;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.internal.compaction.CompactionPolicy.SegmentState;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.DiskFullException;
import dev.penstock.store.internal.io.StoreLog;
import dev.penstock.store.internal.log.Log;
import dev.penstock.store.internal.log.WriteActivity;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;

/**
 * Full compaction: rewrites every worthwhile segment at once, the active one included. One walk along the key directory
 * finds the live records, and two segments are emptied at a time while there are no writes.
 *
 * <p><b>On a full disk</b> the log keeps space that only copies may use. Compaction uses it where it frees the most:
 * for the segments with the fewest live bytes, one at a time.
 *
 * <p>Used under the {@linkplain SegmentEvacuator#lock lock} of the evacuator.
 */
final class FullCompaction {

    /**
     * How much is copied, in segments, before those it came from are released: bounds the room that compaction needs.
     */
    private static final int COPIED_GROUP_SEGMENTS = 2;
    /** The same while the group before is still being released. */
    private static final int MOST_COPIED_SEGMENTS = 4 * COPIED_GROUP_SEGMENTS;
    /** Emptied files that wait for a checkpoint may take this part of what is live: to write many would take longer. */
    private static final int WAITING_FRACTION = 2;

    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    private final SegmentSet segments;
    private final KeyDirectory directory;
    private final RetiredFiles retiredFiles;
    private final Retirement retirement;
    private final SegmentEvacuator evacuator;
    private final Log log;
    private final WriteActivity writers;

    FullCompaction(
            SegmentSet segments,
            KeyDirectory directory,
            RetiredFiles retiredFiles,
            Retirement retirement,
            SegmentEvacuator evacuator,
            Log log) {
        this.segments = segments;
        this.directory = directory;
        this.retiredFiles = retiredFiles;
        this.retirement = retirement;
        this.evacuator = evacuator;
        this.log = log;
        this.writers = new WriteActivity(log);
    }

    CompactionReport run(ProgressListener listener) throws IOException {
        evacuator.finish();
        retiredFiles.deleteAll();
        long before = segments.usedBytes();
        long movedBefore = evacuator.movedCount();
        long droppedBefore = evacuator.droppedCount();
        long retiredBefore = retirement.retiredCount();
        long firstNew = sealActive();
        List<Segment> victims = segments.logSegments().stream()
                .filter(segment -> segment.number() < firstNew
                        && !segment.isPoisoned()
                        && CompactionPolicy.isWorthwhile(SegmentEvacuator.state(segment)))
                .toList();
        FullCompactionProgress progress = new FullCompactionProgress(
                listener, victims.stream().mapToLong(Segment::usedLength).sum());
        try {
            if (!victims.isEmpty()) {
                log.prepareNext();
            }
            runWithRoom(victims, progress);
        } catch (DiskFullException full) {
            StoreLog.get().log(System.Logger.Level.DEBUG, full.getMessage());
            evacuator.breakOff();
            retirement.retireAll();
            runWithoutRoom(victims, progress, retiredBefore);
        }
        return new CompactionReport(
                before,
                segments.usedBytes(),
                evacuator.movedCount() - movedBefore,
                evacuator.droppedCount() - droppedBefore,
                (int) (retirement.retiredCount() - retiredBefore));
    }

    /** The number of the first segment that is not compacted. On a full disk the active one is left as it is. */
    private long sealActive() throws IOException {
        try {
            return log.rollNow();
        } catch (DiskFullException full) {
            return log.active().number();
        }
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
                    evacuator.emptyBoth(segment, meanwhile, map);
                    progress.add(meanwhile);
                } else {
                    // If there are writers, too many records have died since the map was made.
                    evacuator.empty(segment, alone ? map : null);
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
        return progress.isNearlyComplete() ? Long.MAX_VALUE : segments.liveBytes() / WAITING_FRACTION;
    }

    /**
     * One by one, those first that need the least room, and each one's room is released before the next: nothing is
     * copied that has no chance to get through. It ends where the rest does not fit.
     */
    private void runWithoutRoom(List<Segment> victims, FullCompactionProgress progress, long retiredBefore)
            throws IOException {
        DiskFullException refused = null;
        retirement.makeRoom();
        List<SegmentState> left = victims.stream()
                .filter(segments.logSegments()::contains)
                .map(SegmentEvacuator::state)
                .sorted(Comparator.comparingLong(SegmentState::liveBytes))
                .toList();
        for (SegmentState victim : left) {
            Segment segment = segments.requireSegment(segments.position(victim.number(), 0));
            try {
                evacuator.empty(segment, null);
                retirement.retireAll();
            } catch (DiskFullException full) {
                evacuator.breakOff();
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
}
