package dev.penstock.store.internal.write;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.HeaderImage;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.Failure;
import dev.penstock.store.internal.segment.Claim;
import dev.penstock.store.internal.segment.Log;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes a record of the log once more at its tail, with the sequence it has. Whether it is current is decided by its
 * exact position, under the lock of its key's stripe, so that no write to the key comes between.
 *
 * <p>One thread at a time.
 */
public final class Relocation {

    private final KeyDirectory directory;
    private final SegmentSet segments;
    private final Log log;
    private final Failure failure;
    private final long salt;
    private final Claim claim = Claim.forCopies();
    private final HeaderImage padding = new HeaderImage();

    public Relocation(KeyDirectory directory, SegmentSet segments, Log log, Failure failure, long salt) {
        this.directory = directory;
        this.segments = segments;
        this.log = log;
        this.failure = failure;
        this.salt = salt;
    }

    /**
     * Moves the scanner's record if it is the current one of its key.
     *
     * @throws CorruptionException if its value is not what was written: it must not get a fresh checksum
     */
    public boolean moveIfCurrent(RecordScanner records) throws IOException {
        HeaderImage header = records.header();
        long hash = directory.hash(header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
        long position = records.position();
        ReentrantLock lock = directory.lock(hash);
        // Under the lock, although nothing is changed yet: a record is published before the directory points at it, and
        // whoever is between the two holds the lock.
        lock.lock();
        try {
            if (!isCurrent(hash, header, position)) {
                return false;
            }
        } finally {
            lock.unlock();
        }
        Segment source = segments.segment(position);
        if (!records.isValueSound()) {
            throw new CorruptionException(source.name(), records.offset(), "value checksum does not match");
        }
        lock.lock();
        try {
            failure.check();
            if (!isCurrent(hash, header, position)) {
                return false;
            }
            append(records, source.memory());
            if (header.kind() == RecordLayout.REFERENCE) {
                segments.large(header.referencedSegment()).referredToBy(claim.position());
            }
            directory.replace(hash, position, claim.position());
            if (header.expiryMillis() != RecordLayout.NO_EXPIRY) {
                claim.segment().noteExpiry(header.expiryMillis());
            }
            int stripe = KeyDirectory.stripe(hash);
            claim.segment().liveBytes().add(stripe, claim.length());
            source.liveBytes().add(stripe, -records.length());
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Moves the scanner's tombstone unless its key has been written again since. */
    public boolean moveTombstone(RecordScanner records) throws IOException {
        HeaderImage header = records.header();
        long hash = directory.hash(header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
        ReentrantLock lock = directory.lock(hash);
        lock.lock();
        try {
            failure.check();
            if (directory.find(hash, header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength()) != 0) {
                return false;
            }
            append(records, segments.segment(records.position()).memory());
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean isCurrent(long hash, HeaderImage header, long position) {
        return directory.find(hash, header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength()) == position;
    }

    private void append(RecordScanner records, MemorySegment source) throws IOException {
        HeaderImage header = records.header();
        long valueLength = header.valueLength();
        log.claim(claim, header.commitWord(), valueLength);
        MemorySegment target = claim.segment().memory();
        boolean filled = false;
        try {
            header.resalt(records.salt(), Checksum.salt(salt, claim.position()));
            if (header.kind() == RecordLayout.VALUE) {
                header.storeWithValue(target, claim.offset(), source, records.valueOffset());
            } else {
                header.store(target, claim.offset());
            }
            filled = true;
        } finally {
            if (!filled) {
                log.abandon(claim, padding);
            }
        }
        log.publish(claim, header.commitWord());
    }
}
