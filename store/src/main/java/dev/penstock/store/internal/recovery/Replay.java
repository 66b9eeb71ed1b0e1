package dev.penstock.store.internal.recovery;

import dev.penstock.store.internal.checkpoint.CheckpointState;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.index.AppliedMark;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Applies records, in log order, to the key directory and the counts of live bytes. One thread. */
public final class Replay {

    /** Number of no segment. */
    public static final long NONE = -1;

    private final SegmentSet segments;
    private final KeyDirectory directory;
    private final Map<Long, Long> references = new HashMap<>();
    private final Set<Long> retired = new HashSet<>();
    /** For each stripe, below which position the key directory knew everything from the start. */
    private final long[] replayFrom = new long[KeyDirectory.STRIPE_COUNT];

    /** Whether the directory is as it was made: to clear it would take milliseconds. */
    private boolean fresh = true;

    private long lastSequence;
    private long lastValue;
    private long durablePosition;
    private long recordCount;
    private long supersededLarge = NONE;

    /** @param directory empty; this fills it */
    public Replay(SegmentSet segments, KeyDirectory directory) {
        this.segments = segments;
        this.directory = directory;
    }

    /** The same references, where keys and segments belong to another store, whose directory is filled. */
    public Replay in(SegmentSet otherSegments, KeyDirectory otherDirectory) {
        Replay other = new Replay(otherSegments, otherDirectory);
        other.references.putAll(references);
        other.fresh = false;
        return other;
    }

    /** Starts over. */
    public void reset() {
        if (!fresh) {
            directory.clear();
        }
        fresh = false;
        directory.mark(null);
        clearLiveBytes();
        references.clear();
        retired.clear();
        lastSequence = 0;
        lastValue = 0;
        durablePosition = 0;
        recordCount = 0;
        Arrays.fill(replayFrom, 0);
    }

    /** Goes on, after {@link #reset}, from what a checkpoint knows; the key directory is filled. */
    void begin(CheckpointState state, long sequence) {
        for (CheckpointState.ReferenceState reference : state.references()) {
            references.put(reference.number(), reference.position());
            lastValue = Math.max(lastValue, reference.number());
        }
        for (int stripe = 0; stripe < replayFrom.length; stripe++) {
            replayFrom[stripe] = state.stripes().get(stripe).replayFrom();
        }
        directory.mark(state.mark());
        lastSequence = sequence;
    }

    public void apply(Segment segment, RecordScanner record) {
        RecordHeader header = record.header();
        fresh = false;
        recordCount++;
        supersededLarge = NONE;
        lastSequence = Math.max(lastSequence, header.sequence());
        switch (header.kind()) {
            case RecordLayout.VALUE -> put(segment, record);
            case RecordLayout.REFERENCE -> {
                lastValue = Math.max(lastValue, header.referencedSegment());
                if (put(segment, record)) {
                    references.put(header.referencedSegment(), record.position());
                }
            }
            case RecordLayout.TOMBSTONE -> remove(segment, record);
            case RecordLayout.CLEAR -> clear();
            case RecordLayout.APPLIED -> mark(record);
            case RecordLayout.MARK -> durablePosition = Math.max(durablePosition, header.valueLength());
            case RecordLayout.RETIRED -> retired.add(header.valueLength());
            default -> {
                // Padding and the ends of segments say nothing about keys.
            }
        }
    }

    /** Whether the record counts: if not, the checkpoint knew it, and what came of it, before. */
    private boolean put(Segment segment, RecordScanner record) {
        RecordHeader header = record.header();
        long hash = directory.hash(header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
        int stripe = KeyDirectory.stripe(hash);
        if (record.position() < replayFrom[stripe]) {
            return false;
        }
        long current = directory.find(hash, header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
        if (current == 0) {
            directory.insert(hash, record.position());
        } else if (current == record.position()) {
            // An attempt that was broken off came so far.
            return true;
        } else {
            directory.replace(hash, current, record.position());
            supersede(hash, current);
        }
        segment.liveBytes().add(stripe, record.length());
        if (header.expiryMillis() != RecordLayout.NO_EXPIRY) {
            segment.noteExpiry(header.expiryMillis());
            directory.addExpiring(hash, 1);
        }
        return true;
    }

    private void remove(Segment segment, RecordScanner record) {
        segment.noteTombstone(record.length());
        RecordHeader header = record.header();
        long hash = directory.hash(header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
        int stripe = KeyDirectory.stripe(hash);
        if (record.position() < replayFrom[stripe]) {
            return;
        }
        long current = directory.find(hash, header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
        if (current != 0) {
            directory.remove(hash, current);
            supersede(hash, current);
        }
    }

    private void clear() {
        directory.clear();
        clearLiveBytes();
        references.clear();
        AppliedMark kept = directory.mark();
        if (kept != null) {
            kept.count(segments);
        }
    }

    private void clearLiveBytes() {
        for (Segment segment : segments.logSegments()) {
            segment.liveBytes().clear();
        }
    }

    private void mark(RecordScanner record) {
        AppliedMark before = directory.mark();
        boolean isKnown = before != null && before.position() == record.position();
        if (isKnown || record.position() < replayFrom[AppliedMark.STRIPE]) {
            return;
        }
        AppliedMark current = AppliedMark.of(record.header(), record.position());
        current.count(segments);
        directory.mark(current);
        if (before != null) {
            before.discount(segments);
        }
    }

    private void supersede(long hash, long position) {
        Segment segment = segments.requireSegment(position);
        long offset = segments.offset(position);
        segment.liveBytes().add(KeyDirectory.stripe(hash), -segment.recordLength(offset));
        if (segment.isExpiring(offset)) {
            directory.addExpiring(hash, -1);
        }
        if (segment.kind(offset) == RecordLayout.REFERENCE) {
            supersededLarge = segment.referencedSegment(offset);
            references.remove(supersededLarge, position);
        }
    }

    /** The large values that are current: number of the segment, position of the reference. */
    public Map<Long, Long> references() {
        return references;
    }

    /** Number of the large value that the last record applied took a key away from; {@link #NONE} if there is none. */
    public long supersededLarge() {
        return supersededLarge;
    }

    /** Numbers of segments that hold nothing current, by the log's own word. */
    public Set<Long> retired() {
        return retired;
    }

    public long lastSequence() {
        return lastSequence;
    }

    /** The highest number of a large value that any record refers to, current or not; 0 if none does. */
    long lastValue() {
        return lastValue;
    }

    public long durablePosition() {
        return durablePosition;
    }

    /** A mark beyond the tail was found. */
    public void durable(long position) {
        durablePosition = Math.max(durablePosition, position);
    }

    public long recordCount() {
        return recordCount;
    }
}
