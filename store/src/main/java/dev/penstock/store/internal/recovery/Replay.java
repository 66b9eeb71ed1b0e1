package dev.penstock.store.internal.recovery;

import dev.penstock.store.internal.format.HeaderImage;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Applies records, in log order, to the key directory and the counts of live bytes. One thread. */
public final class Replay {

    private final SegmentSet segments;
    private final KeyDirectory directory;
    private final Map<Long, Long> references = new HashMap<>();
    private final Set<Long> retired = new HashSet<>();
    private long lastSequence;
    private long durablePosition;
    private long recordCount;

    public Replay(SegmentSet segments, KeyDirectory directory) {
        this.segments = segments;
        this.directory = directory;
    }

    /** Starts over. */
    public void reset() {
        directory.clear();
        segments.logSegments().forEach(segment -> segment.addLiveBytes(-segment.liveBytes()));
        references.clear();
        retired.clear();
        lastSequence = 0;
        durablePosition = 0;
        recordCount = 0;
    }

    /** Goes on from what a checkpoint knows; the key directory is filled. */
    void begin(CheckpointState state, long sequence) {
        state.references().forEach(reference -> references.put(reference.number(), reference.position()));
        lastSequence = sequence;
    }

    public void apply(Segment segment, RecordScanner record) {
        HeaderImage header = record.header();
        recordCount++;
        lastSequence = Math.max(lastSequence, header.sequence());
        switch (header.kind()) {
            case RecordLayout.VALUE -> put(segment, record);
            case RecordLayout.REFERENCE -> {
                put(segment, record);
                references.put(header.referencedSegment(), record.position());
            }
            case RecordLayout.TOMBSTONE -> remove(header);
            case RecordLayout.CLEAR -> clear();
            case RecordLayout.MARK -> durablePosition = Math.max(durablePosition, header.valueLength());
            case RecordLayout.RETIRED -> retired.add(header.valueLength());
            default -> {
                // Padding and the ends of segments say nothing about keys.
            }
        }
    }

    private void put(Segment segment, RecordScanner record) {
        HeaderImage header = record.header();
        long hash = directory.hash(header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
        long current = directory.find(hash, header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
        if (current == 0) {
            directory.insert(hash, record.position());
        } else {
            directory.replace(hash, current, record.position());
            supersede(current);
        }
        segment.addLiveBytes(record.length());
        if (header.expiryMillis() != RecordLayout.NO_EXPIRY) {
            segment.noteExpiry(header.expiryMillis());
        }
    }

    private void remove(HeaderImage header) {
        long hash = directory.hash(header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
        long current = directory.find(hash, header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
        if (current != 0) {
            directory.remove(hash, current);
            supersede(current);
        }
    }

    private void clear() {
        directory.clear();
        segments.logSegments().forEach(segment -> segment.addLiveBytes(-segment.liveBytes()));
        references.clear();
    }

    private void supersede(long position) {
        Segment segment = segments.segment(position);
        long offset = segments.offset(position);
        segment.addLiveBytes(-segment.recordLength(offset));
        if (segment.kind(offset) == RecordLayout.REFERENCE) {
            references.remove(segment.referencedSegment(offset), position);
        }
    }

    /** The large values that are current: number of the segment, position of the reference. */
    public Map<Long, Long> references() {
        return references;
    }

    /** Numbers of segments that hold nothing current, by the log's own word. */
    public Set<Long> retired() {
        return retired;
    }

    public long lastSequence() {
        return lastSequence;
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
