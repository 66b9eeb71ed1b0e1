package dev.penstock.store.internal.write;

import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;

/**
 * What is current: points the key directory at records that were published, and accounts for those that they replace.
 * The caller holds the lock of the key's stripe.
 */
final class CurrentRecords {

    private static final long NO_SEGMENT = 0;

    private final KeyDirectory directory;
    private final SegmentSet segments;
    private final DeferredDeletion deletion;
    private final Runnable expiryNoted;

    /** @param expiryNoted called when a record was installed that expires */
    CurrentRecords(KeyDirectory directory, SegmentSet segments, DeferredDeletion deletion, Runnable expiryNoted) {
        this.directory = directory;
        this.segments = segments;
        this.deletion = deletion;
        this.expiryNoted = expiryNoted;
    }

    /**
     * Makes a published record the current one of its key.
     *
     * @param current position of the one it replaces; 0 if there is none
     */
    void install(long hash, long current, Segment segment, long offset) {
        int commitWord = RecordLayout.commitWord(segment.memory(), offset);
        long referenced = RecordLayout.kind(commitWord) == RecordLayout.REFERENCE
                ? segment.referencedSegment(offset)
                : NO_SEGMENT;
        int stripe = KeyDirectory.stripe(hash);
        segment.liveBytes().add(stripe, segment.recordLength(offset));
        if (RecordLayout.isExpiring(commitWord)) {
            segment.noteExpiry(RecordLayout.expiryMillis(segment.memory(), offset, commitWord));
            expiryNoted.run();
        }
        long position = segments.position(segment.number(), offset);
        if (referenced != NO_SEGMENT) {
            segments.large(referenced).referredToBy(position);
        }
        if (current == 0) {
            directory.insert(hash, position);
        } else {
            directory.replace(hash, current, position);
            supersede(stripe, current, referenced);
        }
    }

    /** The key whose current record is at a position is gone: a tombstone was published. */
    void remove(long hash, long current) {
        directory.remove(hash, current);
        supersede(KeyDirectory.stripe(hash), current, NO_SEGMENT);
    }

    private void supersede(int stripe, long position, long stillReferenced) {
        Segment segment = segments.segment(position);
        long offset = segments.offset(position);
        segment.liveBytes().add(stripe, -segment.recordLength(offset));
        if (segment.kind(offset) == RecordLayout.REFERENCE) {
            LargeSegment large = segments.large(segment.referencedSegment(offset));
            if (large != null && large.number() != stillReferenced) {
                forget(large);
            }
        }
    }

    /** Every key is gone. The caller holds all locks. */
    void clear() {
        directory.clear();
        segments.logSegments().forEach(segment -> segment.liveBytes().clear());
        segments.largeSegments().forEach(this::forget);
    }

    private void forget(LargeSegment large) {
        if (segments.remove(large)) {
            deletion.add(large);
        }
    }
}
