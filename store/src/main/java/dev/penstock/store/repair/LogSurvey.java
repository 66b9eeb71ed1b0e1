package dev.penstock.store.repair;

import dev.penstock.store.check.FindingCode;
import dev.penstock.store.internal.format.CheckpointHeader;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.Limits;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.recovery.LogExtent;
import dev.penstock.store.internal.recovery.Replay;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import dev.penstock.store.repair.SegmentWalk.Gap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.LongConsumer;

/**
 * Replays the headers of all sound records, in log order, and finds out where something is lost. Values are not read.
 *
 * <p><b>Doubt.</b> A removal or a newer value may be among the records that are lost. It would be after the record
 * that it replaces. So whatever lies below the last place where something is lost is in doubt, and nothing else is.
 *
 * <p>One thread.
 */
final class LogSurvey {

    /** What is known of a segment after its walk. */
    private static final class Extent {
        boolean rolled;
        long successor;
        boolean hasRecords;
        boolean endsDamaged;
    }

    private final DamagedFiles files;
    private final SegmentSet segments;
    private final SegmentWalk walk;
    private final Replay replay;
    private final Map<Segment, Extent> extents = new HashMap<>();
    private final NavigableSet<Long> present = new TreeSet<>();
    private final List<Loss> losses = new ArrayList<>();
    private long durable;
    private long doubt;
    private boolean sawHole;
    /** Number of the segment that the log ends in; 0 while that is not known. */
    private long tailNumber;

    LogSurvey(DamagedFiles files, KeyDirectory directory, SegmentWalk walk) {
        this.files = files;
        this.segments = files.segments;
        this.walk = walk;
        this.replay = new Replay(segments, directory);
    }

    /** @param progress told the bytes that were walked */
    void run(LongConsumer progress) throws IOException {
        segments.logSegments().forEach(segment -> present.add(segment.number()));
        durable = Math.max(
                files.headers.values().stream()
                        .mapToLong(SegmentHeader::durablePosition)
                        .max()
                        .orElse(0),
                files.checkpoint.map(CheckpointHeader::durablePosition).orElse(0L));
        walkAll(progress);
        // Only now it is known what counts for nothing, and what was durable.
        while (hasLearnt()) {
            walkAll(bytes -> {});
        }
        if (!segments.logSegments().isEmpty()) {
            checkEnds();
        }
        checkSuccession();
    }

    private void walkAll(LongConsumer progress) throws IOException {
        replay.reset();
        extents.clear();
        doubt = 0;
        sawHole = false;
        for (Segment segment : segments.logSegments()) {
            Extent extent = new Extent();
            extents.put(segment, extent);
            segment.usedLength(SegmentHeader.LENGTH);
            extent.rolled = walk.walk(segment, new Applying(extent));
            progress.accept(segment.memory().byteSize());
        }
    }

    private final class Applying implements SegmentWalk.Visitor {

        private final Extent extent;

        Applying(Extent extent) {
            this.extent = extent;
        }

        @Override
        public void record(Segment segment, RecordScanner record) {
            replay.apply(segment, record);
            extent.hasRecords = true;
            extent.successor = record.header().valueLength();
            segment.usedLength(record.nextOffset());
        }

        @Override
        public void gap(Segment segment, Gap gap) {
            long position = segments.position(segment.number(), gap.offset());
            if (gap.atEnd()) {
                extent.endsDamaged = gap.damaged();
                if (gap.damaged()) {
                    doubtBelow(position, isLoss(segment, gap));
                }
            } else {
                sawHole |= !gap.damaged();
                doubtBelow(position, gap.damaged() || isLoss(segment, gap));
            }
        }
    }

    private void doubtBelow(long position, boolean isLost) {
        if (isLost) {
            doubt = Math.max(doubt, position);
        }
    }

    /**
     * Whether something was lost in a gap. Otherwise a write was never completed there: a process was killed, or what
     * was not forced did not reach the device.
     */
    boolean isLoss(Segment segment, Gap gap) {
        long position = segments.position(segment.number(), gap.offset());
        if (position < durable || segment.number() < tailNumber && gap.atEnd()) {
            return true;
        }
        if (gap.unfinished()) {
            return false;
        }
        return files.sameBoot ? gap.damaged() : !gap.atEnd();
    }

    private boolean hasLearnt() {
        boolean dropped = dropRetired();
        boolean isMoreDurable = learnDurable();
        return dropped || isMoreDurable;
    }

    private boolean learnDurable() {
        boolean matters = sawHole && replay.durablePosition() > durable;
        durable = Math.max(durable, replay.durablePosition());
        return matters;
    }

    private boolean dropRetired() {
        if (segments.logSegments().isEmpty()) {
            return false;
        }
        boolean found = false;
        long first = LogExtent.begin(files.headers, tail().number()).orElse(0);
        for (Segment segment : segments.logSegments()) {
            if (LogExtent.isRetired(segment, replay.retired(), first)) {
                found = true;
                files.drop(segment);
            }
        }
        return found;
    }

    /** Every segment but the last one ends with the record that leads to the next. */
    private void checkEnds() {
        List<Segment> log = segments.logSegments();
        Segment tail = tail();
        tailNumber = tail.number();
        for (Segment segment : log) {
            Extent extent = extent(segment);
            if (segment.number() < tail.number() && !extent.rolled) {
                long end = segment.usedLength();
                if (!extent.endsDamaged) {
                    cutShort(segment, end, "the file ends before its last record");
                }
                doubtBelow(segments.position(segment.number(), end), true);
            }
        }
        Extent extent = extent(tail);
        if (!extent.rolled) {
            checkTail(tail, extent);
        }
    }

    private void checkTail(Segment tail, Extent extent) {
        long end = tail.usedLength();
        LogExtent logExtent = new LogExtent(segments, files.identity.salt());
        SegmentHeader header = files.headers.get(tail.number());
        boolean isShort = header != null
                && !logExtent.isClosedAt(tail, end)
                && tail.memory().byteSize() < logExtent.leastLength(tail, header.fileLength());
        boolean isBelowDurable =
                segments.position(tail.number(), end) < durable && segments.number(durable) == tail.number();
        if (isShort || isBelowDurable && !extent.endsDamaged) {
            cutShort(tail, end, "the end of the file is missing");
            doubtBelow(segments.position(tail.number(), end), true);
        }
    }

    private void cutShort(Segment segment, long end, String problem) {
        losses.add(new Loss(FindingCode.SEGMENT_CUT_SHORT, segment.name(), end, 0, null, problem));
    }

    /** The segment with the last record, or the one that it leads to. */
    private Segment tail() {
        List<Segment> log = segments.logSegments();
        int last = log.size() - 1;
        while (last > 0 && !extent(log.get(last)).hasRecords) {
            last--;
        }
        Extent extent = extent(log.get(last));
        boolean leadsOn =
                extent.rolled && last + 1 < log.size() && log.get(last + 1).number() == extent.successor;
        return log.get(leadsOn ? last + 1 : last);
    }

    private Extent extent(Segment segment) {
        Extent extent = extents.get(segment);
        if (extent == null) {
            throw new IllegalStateException(segment.name() + " was not walked");
        }
        return extent;
    }

    /** The log has all segments from its first to its last one, except those that compaction took away. */
    private void checkSuccession() {
        long first = 1;
        long last = durable == 0 ? 0 : segments.number(durable - 1);
        if (!segments.logSegments().isEmpty()) {
            Segment tail = tail();
            first = LogExtent.begin(files.headers, tail.number()).orElse(segments.oldestNumber());
            long successor = Math.min(extent(tail).successor, Limits.lastSegment(segments.segmentShift()));
            last = Math.max(last, extent(tail).rolled ? successor : tail.number());
        } else {
            first = LogExtent.begin(files.headers, Long.MAX_VALUE).orElse(first);
        }
        long expected = first;
        for (long number : present.tailSet(first)) {
            missing(expected, Math.min(number - 1, last));
            expected = number + 1;
        }
        missing(expected, last);
    }

    /** Reports the segments of a range that are not retired, as few ranges. */
    private void missing(long first, long last) {
        if (first > last) {
            return;
        }
        long from = first;
        for (long retired : new TreeSet<>(replay.retired()).subSet(first, true, last, true)) {
            missingRange(from, retired - 1);
            from = retired + 1;
        }
        missingRange(from, last);
    }

    private void missingRange(long first, long last) {
        if (first > last) {
            return;
        }
        doubtBelow(segments.position(last, 0), true);
        if (first == last && files.unusable.contains(first)) {
            return; // It has been reported.
        }
        losses.add(new Loss(
                FindingCode.SEGMENT_MISSING,
                FileNames.log(first),
                0,
                0,
                null,
                first == last
                        ? "the file is missing"
                        : "the files from " + FileNames.log(first) + " to " + FileNames.log(last) + " are missing"));
    }

    /** What is lost of the log as a whole. */
    List<Loss> losses() {
        return losses;
    }

    /** A removal or replacement of a record below this position may be lost; 0 if nothing is. */
    long doubt() {
        return doubt;
    }
}
