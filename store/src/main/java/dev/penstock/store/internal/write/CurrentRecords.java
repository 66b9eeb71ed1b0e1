package dev.penstock.store.internal.write;

import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.lang.foreign.MemorySegment;

/**
 * What is current: points the key directory at records that were published, and accounts for those that they replace.
 * The caller holds the lock of the key's stripe.
 */
final class CurrentRecords {

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
     * Makes a published record, with a value of its own, the current one of its key.
     *
     * @param current position of the one it replaces; 0 if there is none
     * @param expiryMillis of the epoch, or {@link RecordLayout#NO_EXPIRY}
     */
    void install(long hash, long current, Segment segment, long offset, long length, long expiryMillis) {
        install(hash, current, segment, offset, length, expiryMillis, null);
    }

    /** The same for a record that refers to a large value. */
    void install(
            long hash,
            long current,
            Segment segment,
            long offset,
            long length,
            long expiryMillis,
            LargeSegment referenced) {
        int stripe = KeyDirectory.stripe(hash);
        long position = segments.position(segment.number(), offset);
        segment.liveBytes().add(stripe, length);
        if (expiryMillis != RecordLayout.NO_EXPIRY) {
            segment.noteExpiry(expiryMillis);
            directory.addExpiring(hash, 1);
            expiryNoted.run();
        }
        if (referenced != null) {
            referenced.referredToBy(position);
        }
        if (current == 0) {
            directory.insert(hash, position);
        } else {
            directory.replace(hash, current, position);
            supersede(hash, current, referenced);
        }
    }

    /** The key whose current record is at a position is gone: a tombstone was published. */
    void remove(long hash, long current) {
        directory.remove(hash, current);
        supersede(hash, current, null);
    }

    private void supersede(long hash, long position, LargeSegment stillReferenced) {
        Segment segment = segments.segment(position);
        MemorySegment memory = segment.memory();
        long offset = segments.offset(position);
        int commitWord = RecordLayout.publishedCommitWord(memory, offset);
        long length = RecordLayout.recordLength(offset, commitWord, RecordLayout.valueLength(memory, offset));
        segment.liveBytes().add(KeyDirectory.stripe(hash), -length);
        if (RecordLayout.isExpiring(commitWord)) {
            directory.addExpiring(hash, -1);
        }
        if (RecordLayout.kind(commitWord) == RecordLayout.REFERENCE) {
            LargeSegment large = segments.large(RecordLayout.referencedSegment(memory, offset, commitWord));
            if (large != null && large != stillReferenced) {
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
