package dev.penstock.store.internal.recovery;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.internal.checkpoint.CheckpointState;
import dev.penstock.store.internal.checkpoint.StoredImage;
import dev.penstock.store.internal.format.CheckpointHeader;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.index.AppliedMark;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Replays the log after the image of a checkpoint.
 *
 * <p>The result equals a replay of the whole log if all segments exist that the image points into, and all of the log
 * after it, including the segments that compaction has emptied since: no file that a checkpoint needs is deleted before
 * the next checkpoint is in place. If something is missing or does not fit, the image is not used, and the log is
 * replayed from its beginning.
 *
 * <p>One thread.
 */
final class ImageReplay {

    private final StoredImage image;
    private final CheckpointState state;
    private final SegmentSet segments;
    private final KeyDirectory directory;
    private final Replay replay;
    private final LogReplay log;
    private final long durablePosition;
    private final long salt;

    /** @param durablePosition all of the log below is durable, as others than the checkpoint say */
    ImageReplay(
            StoredImage image,
            SegmentSet segments,
            KeyDirectory directory,
            Replay replay,
            LogReplay log,
            long durablePosition,
            long salt) {
        this.durablePosition = durablePosition;
        this.image = image;
        this.state = image.state();
        this.segments = segments;
        this.directory = directory;
        this.replay = replay;
        this.log = log;
        this.salt = salt;
    }

    /** Replays up to a position; false if the image is of no use, and then anything may have been replayed. */
    boolean run(long limit) throws IOException {
        try {
            replay.reset();
            if (!isComplete() || !image.load(directory) || !new ImageSample(segments, directory, salt).isOfThisLog()) {
                return false;
            }
            replay.durable(Math.max(image.header().durablePosition(), durablePosition));
            replay.begin(state, image.header().lastSequence());
            restoreSegments();
            if (!isMarkThere()) {
                return false;
            }
            log.run(state.replayFrom(), limit);
            return log.missingSuccessors().isEmpty() && areReferencesSorted();
        } catch (CorruptionException e) {
            if (e.file().equals(CheckpointHeader.FILE_NAME)) {
                return false;
            }
            throw e;
        }
    }

    /** Whether all segments are there that the image points into, and long enough. */
    private boolean isComplete() {
        long tailNumber = segments.number(state.replayFrom());
        Set<Long> known = new HashSet<>();
        for (CheckpointState.SegmentState segmentState : state.segments()) {
            known.add(segmentState.number());
            Segment segment = segments.segment(segments.position(segmentState.number(), 0));
            if (segment == null) {
                return false;
            }
            if (segmentState.number() < tailNumber && segment.memory().byteSize() < segmentState.usedLength()) {
                if (leadsOn(segment)) {
                    return false; // It is whole, and the image that of another copy of the store.
                }
                throw new CorruptionException(segment.name(), segment.memory().byteSize(), "the file is cut short");
            }
        }
        for (CheckpointState.StripeState stripe : state.stripes()) {
            if (!known.contains(segments.number(stripe.replayFrom()))) {
                return false;
            }
        }
        return true;
    }

    /** Whether the record of the mark is where the checkpoint says, and the same. */
    private boolean isMarkThere() {
        AppliedMark mark = state.mark();
        if (mark == null) {
            return true;
        }
        Segment segment = segments.segment(mark.position());
        long offset = segments.offset(mark.position());
        if (segment == null || offset >= segment.memory().byteSize()) {
            return false;
        }
        RecordScanner record = scanner(segment, offset);
        return record.next()
                && record.header().kind() == RecordLayout.APPLIED
                && AppliedMark.of(record.header(), mark.position()).isLike(mark);
    }

    private void restoreSegments() {
        long tailNumber = segments.number(state.replayFrom());
        Set<Long> known = new HashSet<>();
        for (CheckpointState.SegmentState segmentState : state.segments()) {
            known.add(segmentState.number());
            Segment segment = segments.requireSegment(segments.position(segmentState.number(), 0));
            segment.usedLength(segmentState.usedLength());
            segment.noteExpiry(segmentState.earliestExpiry());
            for (int stripe = 0; stripe < KeyDirectory.STRIPE_COUNT; stripe++) {
                segment.liveBytes().add(stripe, segmentState.liveBytes()[stripe]);
            }
        }
        for (Segment segment : segments.logSegments()) {
            if (segment.number() < tailNumber && !known.contains(segment.number())) {
                // Emptied before the checkpoint, and its removal was cut short: the next compaction takes it.
                segment.usedLength(endOf(segment));
            }
        }
    }

    private long endOf(Segment segment) {
        RecordScanner records = atItsEnd(segment);
        return records.offset() + records.length();
    }

    private boolean leadsOn(Segment segment) {
        RecordScanner records = atItsEnd(segment);
        return records.length() > 0 && records.header().kind() == RecordLayout.ROLL;
    }

    /** At the record that leads to the next segment, or where the records end. */
    private RecordScanner atItsEnd(Segment segment) {
        RecordScanner records = scanner(segment, SegmentHeader.LENGTH);
        boolean rolled = false;
        while (!rolled && records.next()) {
            rolled = records.header().kind() == RecordLayout.ROLL;
        }
        return records;
    }

    private RecordScanner scanner(Segment segment, long offset) {
        long base = segments.position(segment.number(), 0);
        return new RecordScanner(
                segment.memory(), base, salt, offset, segment.memory().byteSize());
    }

    /** Forgets references that are no longer current; false if one of them cannot be told. */
    private boolean areReferencesSorted() {
        for (Map.Entry<Long, Long> reference : Map.copyOf(replay.references()).entrySet()) {
            long position = reference.getValue();
            Segment segment = segments.segment(position);
            if (segment == null) {
                replay.references().remove(reference.getKey());
                continue;
            }
            RecordScanner record = scanner(segment, segments.offset(position));
            if (!record.next()
                    || record.header().kind() != RecordLayout.REFERENCE
                    || record.header().referencedSegment() != reference.getKey()) {
                return false;
            }
            if (!isCurrent(record.header(), position)) {
                replay.references().remove(reference.getKey());
            }
        }
        return true;
    }

    private boolean isCurrent(RecordHeader header, long position) {
        long hash = directory.hash(header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
        return directory.find(hash, header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength()) == position;
    }
}
