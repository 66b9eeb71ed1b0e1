package dev.penstock.store.internal.compaction;

import dev.penstock.store.CompactionReport;
import dev.penstock.store.CorruptionException;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.internal.format.HeaderImage;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.io.DiskFullException;
import dev.penstock.store.internal.segment.Log;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import dev.penstock.store.internal.write.GroupCommit;
import dev.penstock.store.internal.write.Relocation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Rewrites segments that hold dead records: what is current is appended to the log once more, verified there, and only
 * then is the old segment retired and its file removed.
 *
 * <p><b>Crash argument.</b> A copy says what the record it replaces says, so that a log which holds both means the same.
 * Segments are retired in groups: the copies are forced and read back, then a {@link RecordLayout#RETIRED} record for each
 * is forced, then the files go, as soon as no checkpoint needs them (see {@link RetiredFiles}). Recovery takes no notice of a segment whose retirement is in the log, whether its file is
 * still there or not; without the record the segment still counts, and all of it is there.
 *
 * <p><b>Tombstones</b> hide older records of their key. One is left behind only if no older segment is left that could
 * hold such a record; segments go in ascending order, so that after a crash too a tombstone outlives what it hides.
 *
 * <p><b>On a full disk</b> the log keeps room for copies that nothing else may take. It is spent where it brings back the
 * most: see {@link #runWithoutRoom}.
 *
 * <p>Writers and readers may go on meanwhile; one compaction at a time.
 */
public final class Compactor {

    private static final System.Logger LOGGER = System.getLogger("dev.penstock.store");

    /** How much is copied before the segments it came from are given back: bounds the room that compaction needs. */
    private static final long GROUP_LENGTH = 256L << 20;
    /** So many retirements always find room in the log, see {@link Log}. */
    private static final int GROUP_COUNT = 256;

    /** Whoever reads for longer holds up the room and not the compaction. */
    private static final long LONGEST_WAIT_FOR_ROOM_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long WAIT_FOR_ROOM_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final SegmentSet segments;
    private final RetiredFiles retiredFiles;
    private final Log log;
    private final GroupCommit groupCommit;
    private final Relocation relocation;
    private final long salt;
    private final ProgressListener listener;

    /** Retired by this compaction, and perhaps still held by readers. */
    private final List<Segment> unmapping = new ArrayList<>();

    private long total;
    private long done;
    private long recordsMoved;
    private long recordsDropped;
    private int segmentsRetired;

    public Compactor(
            SegmentSet segments,
            RetiredFiles retiredFiles,
            Log log,
            GroupCommit groupCommit,
            Relocation relocation,
            long salt,
            ProgressListener listener) {
        this.segments = segments;
        this.retiredFiles = retiredFiles;
        this.log = log;
        this.groupCommit = groupCommit;
        this.relocation = relocation;
        this.salt = salt;
        this.listener = listener;
    }

    /** Runs once. */
    public CompactionReport run() throws IOException {
        retiredFiles.deleteAll();
        long before = segments.usedBytes();
        long firstNew = sealActive();
        List<Segment> sealed = segments.logSegments().stream()
                .filter(segment -> segment.number() < firstNew)
                .toList();
        List<Segment> victims = CompactionPolicy.victims(sealed);
        total = victims.stream().mapToLong(Segment::usedLength).sum();
        try {
            if (!victims.isEmpty()) {
                log.prepareNext();
            }
            runWithRoom(sealed, victims);
        } catch (DiskFullException full) {
            LOGGER.log(System.Logger.Level.DEBUG, full.getMessage());
            runWithoutRoom(
                    victims.stream().filter(segments.logSegments()::contains).toList());
        }
        return new CompactionReport(before, segments.usedBytes(), recordsMoved, recordsDropped, segmentsRetired);
    }

    private void runWithRoom(List<Segment> sealed, List<Segment> victims) throws IOException {
        boolean olderKept = false;
        List<Segment> group = new ArrayList<>();
        long groupStart = log.publishedPosition();
        for (Segment segment : sealed) {
            if (!victims.contains(segment)) {
                olderKept = true;
                continue;
            }
            try {
                empty(segment, olderKept);
            } catch (DiskFullException full) {
                // What is emptied already makes room for the rest. What was copied before is copied no second time.
                retire(group, groupStart);
                throw full;
            }
            group.add(segment);
            report(segment);
            if (log.publishedPosition() - groupStart >= GROUP_LENGTH || group.size() == GROUP_COUNT) {
                retire(group, groupStart);
                retiredFiles.deleteIfDue();
                group.clear();
                groupStart = log.publishedPosition();
            }
        }
        retire(group, groupStart);
        retiredFiles.deleteAll();
    }

    /**
     * One by one, those first that need the least room, and each one's room is given back before the next: nothing is copied
     * that has no chance to get through. It ends where the rest does not fit.
     */
    private void runWithoutRoom(List<Segment> victims) throws IOException {
        DiskFullException refused = null;
        deleteRetired();
        for (Segment segment : byLiveBytes(victims)) {
            long start = log.publishedPosition();
            try {
                empty(segment, segments.logSegments().getFirst() != segment);
                retire(List.of(segment), start);
            } catch (DiskFullException full) {
                refused = full;
                break;
            }
            report(segment);
            deleteRetired();
        }
        if (refused != null && segmentsRetired == 0) {
            throw refused;
        }
    }

    /** They change while others write. */
    private static List<Segment> byLiveBytes(List<Segment> victims) {
        record Victim(Segment segment, long liveBytes) {}
        return victims.stream()
                .map(segment -> new Victim(segment, segment.liveBytes().sum()))
                .sorted(Comparator.comparingLong(Victim::liveBytes))
                .map(Victim::segment)
                .toList();
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

    private void report(Segment segment) {
        done += segment.usedLength();
        listener.progress(done, total);
    }

    /** The number of the first segment that is not compacted. On a full disk the active one is left as it is. */
    private long sealActive() throws IOException {
        try {
            return log.rollNow();
        } catch (DiskFullException full) {
            return log.active().number();
        }
    }

    /** Copies everything out of a segment that must outlive it. */
    private void empty(Segment segment, boolean olderKept) throws IOException {
        RecordScanner records = new RecordScanner(
                segment.memory(),
                segments.position(segment.number(), 0),
                salt,
                SegmentHeader.LENGTH,
                segment.usedLength());
        while (records.next()) {
            if (mustMove(records, olderKept)) {
                recordsMoved++;
            } else {
                recordsDropped++;
            }
        }
        if (records.end() != RecordScanner.End.NONE) {
            throw new CorruptionException(segment.name(), records.offset(), records.problem());
        }
    }

    private boolean mustMove(RecordScanner records, boolean olderKept) throws IOException {
        HeaderImage header = records.header();
        return switch (header.kind()) {
            case RecordLayout.VALUE, RecordLayout.REFERENCE -> relocation.moveIfCurrent(records);
            case RecordLayout.TOMBSTONE -> olderKept && relocation.moveTombstone(records);
            case RecordLayout.RETIRED -> moveRetirement(header.valueLength());
            default -> false;
        };
    }

    /** The word that a segment is gone is needed while an older one leads on to it. */
    private boolean moveRetirement(long number) throws IOException {
        if (number < segments.logSegments().getFirst().number()) {
            return false;
        }
        log.appendSystem(RecordLayout.RETIRED, number);
        return true;
    }

    private void retire(List<Segment> group, long copiesFrom) throws IOException {
        if (group.isEmpty()) {
            return;
        }
        groupCommit.await();
        verifyCopies(copiesFrom, log.durablePosition());
        for (Segment segment : group) {
            log.appendSystem(RecordLayout.RETIRED, segment.number());
        }
        groupCommit.await();
        for (Segment segment : group) {
            segments.remove(segment);
            retiredFiles.add(segment);
            segment.retire();
            unmapping.add(segment);
            segmentsRetired++;
        }
    }

    private void verifyCopies(long from, long to) {
        for (Segment segment : segments.logSegments()) {
            long base = segments.position(segment.number(), 0);
            if (segment.number() < segments.number(from) || base >= to) {
                continue;
            }
            long first = segment.number() == segments.number(from)
                    ? Math.max(segments.offset(from), SegmentHeader.LENGTH)
                    : SegmentHeader.LENGTH;
            RecordScanner records =
                    new RecordScanner(segment.memory(), base, salt, first, Math.min(segment.usedLength(), to - base));
            while (records.next()) {
                if (!records.isValueSound()) {
                    throw new CorruptionException(
                            segment.name(), records.offset(), "a copied value does not match its checksum");
                }
            }
            if (records.end() != RecordScanner.End.NONE) {
                throw new CorruptionException(segment.name(), records.offset(), records.problem());
            }
        }
    }
}
