package dev.penstock.store.internal.follow;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.ValueReference;
import dev.penstock.store.internal.index.AppliedMark;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.recovery.ReferencedValues;
import dev.penstock.store.internal.recovery.Replay;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Applies the records of a log that another store appends to, under the locks that a writer would hold, while others
 * read.
 *
 * <p><b>Removed values.</b> The owner removes the file of a large value when a later record has superseded it, and a
 * follower may come too late to open it. The later record is then in the log, before its end. The reference is
 * therefore skipped, the key keeps its previous value, and at the end of the log nothing is unresolved. Until then no
 * segment is released either: a key may still point at a record there that compaction has seen superseded.
 *
 * <p>One thread at a time.
 */
final class FollowedRecords {

    private final SegmentSet segments;
    private final KeyDirectory directory;
    private final Replay replay;
    private final ReferencedValues values;
    private final Map<ByteBuffer, Long> unresolved = new HashMap<>();
    private final Set<Long> retired = new HashSet<>();
    private long lastSequence;

    FollowedRecords(SegmentSet segments, KeyDirectory directory, Replay replay, ReferencedValues values) {
        this.segments = segments;
        this.directory = directory;
        this.replay = replay;
        this.values = values;
        this.lastSequence = replay.lastSequence();
    }

    /** The same state, where keys and segments belong to another store now. */
    FollowedRecords in(SegmentSet otherSegments, KeyDirectory otherDirectory) {
        Replay other = replay.in(otherSegments, otherDirectory);
        FollowedRecords records = new FollowedRecords(otherSegments, otherDirectory, other, values);
        records.lastSequence = lastSequence;
        return records;
    }

    /** Sequence of the newest record. */
    long lastSequence() {
        return lastSequence;
    }

    /** Notes that the value of a key could not be opened. */
    void unresolved(ByteBuffer key, long number) {
        unresolved.put(key, number);
    }

    boolean isResolved() {
        return unresolved.isEmpty();
    }

    /** Applies a record, except those that name the next segment. */
    void apply(Segment segment, RecordScanner record) throws IOException {
        lastSequence = Math.max(lastSequence, record.header().sequence());
        switch (record.header().kind()) {
            case RecordLayout.VALUE, RecordLayout.TOMBSTONE -> applyToKey(segment, record);
            case RecordLayout.REFERENCE -> {
                if (isOpen(record)) {
                    applyToKey(segment, record);
                } else {
                    unresolved(
                            ByteBuffer.wrap(key(record.header())),
                            record.header().referencedSegment());
                }
            }
            case RecordLayout.APPLIED -> applyMark(segment, record);
            case RecordLayout.CLEAR -> clear(segment, record);
            case RecordLayout.RETIRED -> retired.add(record.header().valueLength());
            default -> replay.apply(segment, record);
        }
    }

    private boolean isOpen(RecordScanner record) throws IOException {
        RecordHeader header = record.header();
        long number = header.referencedSegment();
        if (isOpenForThisKey(header)) {
            return true;
        }
        LargeSegment large = values.open(ValueReference.of(header, record.salt()));
        if (large == null) {
            return false;
        }
        LargeSegment before = segments.large(number);
        segments.add(large);
        if (before != null) {
            // Of a key that has not been brought so far: its readers see by the sequence that this one is not theirs.
            before.retire();
        }
        return true;
    }

    /** Whether the record only says anew, with another expiry or from another place, what the key has. */
    private boolean isOpenForThisKey(RecordHeader header) {
        if (!unresolved.isEmpty() && unresolved.containsKey(ByteBuffer.wrap(key(header)))) {
            return false;
        }
        long hash = directory.hash(header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
        long current = directory.find(hash, header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
        if (current == 0) {
            return false;
        }
        Segment segment = segments.requireSegment(current);
        long offset = segments.offset(current);
        return segment.kind(offset) == RecordLayout.REFERENCE
                && segment.referencedSegment(offset) == header.referencedSegment()
                && segments.large(header.referencedSegment()) != null;
    }

    private void applyToKey(Segment segment, RecordScanner record) {
        RecordHeader header = record.header();
        if (!unresolved.isEmpty()) {
            unresolved.remove(ByteBuffer.wrap(key(header)));
        }
        ReentrantLock lock =
                directory.lock(directory.hash(header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength()));
        lock.lock();
        try {
            replay.apply(segment, record);
            long superseded = replay.supersededLarge();
            if (superseded != Replay.NONE && !replay.references().containsKey(superseded)) {
                retire(segments.large(superseded));
            }
        } finally {
            lock.unlock();
        }
    }

    private void applyMark(Segment segment, RecordScanner record) {
        ReentrantLock lock = directory.lockOf(AppliedMark.STRIPE);
        lock.lock();
        try {
            replay.apply(segment, record);
        } finally {
            lock.unlock();
        }
    }

    private static byte[] key(RecordHeader header) {
        return Arrays.copyOfRange(
                header.bytes(), RecordLayout.KEY_OFFSET, RecordLayout.KEY_OFFSET + header.keyLength());
    }

    private void clear(Segment segment, RecordScanner record) {
        directory.exclusively(() -> {
            replay.apply(segment, record);
            segments.largeSegments().forEach(this::retire);
        });
        unresolved.clear();
    }

    /** The value's file is the owner's to delete. */
    private void retire(@Nullable LargeSegment large) {
        if (large != null && segments.remove(large)) {
            large.retire();
        }
    }

    /** Lets go of segments that the log says hold nothing current, unless a key has not been brought so far. */
    void releaseRetired(Segment tail) {
        if (retired.isEmpty() || !isResolved()) {
            return;
        }
        for (long number : retired) {
            Segment segment = segments.segment(segments.position(number, 0));
            if (segment != null && segment.number() != tail.number()) {
                segments.remove(segment);
                segment.retire();
            }
        }
        retired.clear();
    }

    /** At the end of the log: a value that no later record has superseded is missing. */
    void refuseUnresolved() {
        if (!isResolved()) {
            long number = unresolved.values().iterator().next();
            throw new CorruptionException(
                    FileNames.largeValue(number), 0, "the file is missing, or holds another record");
        }
    }
}
