package dev.penstock.store.internal.write;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.HeaderImage;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.index.Lookahead;
import dev.penstock.store.internal.io.Failure;
import dev.penstock.store.internal.segment.Claim;
import dev.penstock.store.internal.segment.Log;
import dev.penstock.store.internal.segment.ScannedRecord;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes a record of the log once more at its tail, with the sequence it has. Whether it is current is decided by its
 * exact position, under the lock of its key's stripe, so that no write to the key comes between.
 *
 * <p>The copy of a value is compared with its checksum before it is published: so one pass finds out damage to the original
 * and to the copy, and what is damaged never gets a fresh place in the log.
 *
 * <p>One thread at a time.
 */
public final class Relocation {

    /** Length of a record that was not moved. */
    public static final long NOT_MOVED = 0;

    private final KeyDirectory directory;
    private final SegmentSet segments;
    private final Log log;
    private final Failure failure;
    private final long salt;
    private final Claim claim = Claim.forCopies();
    private final HeaderImage padding = new HeaderImage();
    private final Checksum checksum = new Checksum();

    public Relocation(KeyDirectory directory, SegmentSet segments, Log log, Failure failure, long salt) {
        this.directory = directory;
        this.segments = segments;
        this.log = log;
        this.failure = failure;
        this.salt = salt;
    }

    /** For the hashes of records to be moved one after the other. */
    public Lookahead lookahead() {
        return directory.lookahead();
    }

    /** Hash of a record's key. */
    public long hash(ScannedRecord record) {
        HeaderImage header = record.header();
        return directory.hash(header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
    }

    /**
     * Moves a record if it is the current one of its key; the length of the copy, or {@link #NOT_MOVED}.
     *
     * @param hash of its key
     * @throws CorruptionException if its value is not what was written
     */
    public long moveIfCurrent(ScannedRecord record, long hash) throws IOException {
        HeaderImage header = record.header();
        long position = record.position();
        ReentrantLock lock = directory.lock(hash);
        // Under the lock even where nothing is to be changed: a record is published before the directory points at it,
        // and whoever is between the two holds the lock.
        lock.lock();
        try {
            failure.check();
            if (!directory.isCurrent(hash, position)) {
                return NOT_MOVED;
            }
            Segment source = segments.segment(position);
            append(record, source);
            if (header.kind() == RecordLayout.REFERENCE) {
                segments.large(header.referencedSegment()).referredToBy(claim.position());
            }
            directory.replace(hash, position, claim.position());
            if (header.expiryMillis() != RecordLayout.NO_EXPIRY) {
                claim.segment().noteExpiry(header.expiryMillis());
            }
            int stripe = KeyDirectory.stripe(hash);
            claim.segment().liveBytes().add(stripe, claim.length());
            source.liveBytes().add(stripe, -record.length());
            return claim.length();
        } finally {
            lock.unlock();
        }
    }

    /** Moves a tombstone unless its key has been written again since; like the above. */
    public long moveTombstone(ScannedRecord record, long hash) throws IOException {
        HeaderImage header = record.header();
        ReentrantLock lock = directory.lock(hash);
        lock.lock();
        try {
            failure.check();
            if (directory.find(hash, header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength()) != 0) {
                return NOT_MOVED;
            }
            append(record, segments.segment(record.position()));
            return claim.length();
        } finally {
            lock.unlock();
        }
    }

    private void append(ScannedRecord record, Segment source) throws IOException {
        HeaderImage header = record.header();
        log.claim(claim, header.commitWord(), header.valueLength());
        boolean filled = false;
        try {
            int copySalt = Checksum.salt(salt, claim.position());
            header.resalt(record.salt(), copySalt);
            if (header.kind() == RecordLayout.VALUE) {
                header.storeWithValue(claim.segment().memory(), claim.offset(), source.memory(), record.valueOffset());
                verifyValue(record, source, copySalt);
            } else {
                header.store(claim.segment().memory(), claim.offset());
            }
            filled = true;
        } finally {
            if (!filled) {
                log.abandon(claim, padding);
            }
        }
        log.publish(claim, header.commitWord());
    }

    private void verifyValue(ScannedRecord record, Segment source, int copySalt) {
        HeaderImage header = record.header();
        long valueLength = header.valueLength();
        long valueOffset = RecordLayout.valueOffset(claim.offset(), header.commitWord(), valueLength);
        if ((checksum.of(claim.segment().memory(), valueOffset, valueLength) ^ copySalt) != header.valueChecksum()) {
            throw new CorruptionException(source.name(), record.offset(), "value checksum does not match");
        }
    }
}
