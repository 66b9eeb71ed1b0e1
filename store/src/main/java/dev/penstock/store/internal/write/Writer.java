package dev.penstock.store.internal.write;

import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.HeaderImage;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.Failure;
import dev.penstock.store.internal.segment.Claim;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.Log;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentFactory;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/**
 * All writes to keys. Each holds the lock of the key's stripe from looking up the current record to pointing the key
 * directory at the new one, so that operations on one key are atomic and their order in the log is the order in which
 * they took effect. Writers of keys in different stripes meet only for the instant of claiming room in the log.
 *
 * <p><b>Crash argument.</b> The record is complete in the page cache, and so is every record before it, when the call
 * returns; a crash of the process takes neither. The key directory is memory only and is rebuilt from the log.
 *
 * <p>Thread-safe.
 */
public final class Writer {

    /** The sequence of a write that did not take place. */
    public static final long REFUSED = 0;

    /** A value this long gets a segment of its own; less where segments are smaller than usual. */
    private static final long LARGE_VALUE_LENGTH = 1L << 20;

    private final KeyDirectory directory;
    private final SegmentSet segments;
    private final SegmentFactory factory;
    private final Log log;
    private final GroupCommit groupCommit;
    private final DeferredDeletion deletion;
    private final Failure failure;
    private final long salt;
    private final long largeValueLength;
    private final Workplace[] workplaces = new Workplace[KeyDirectory.STRIPE_COUNT];

    /** What a writer needs while it holds a stripe's lock; guarded by that lock. */
    private static final class Workplace {
        final Claim claim = new Claim();
        final HeaderImage header = new HeaderImage();
        final Checksum checksum = new Checksum();
    }

    public Writer(
            KeyDirectory directory,
            SegmentSet segments,
            SegmentFactory factory,
            Log log,
            GroupCommit groupCommit,
            DeferredDeletion deletion,
            Failure failure,
            long salt) {
        this.directory = directory;
        this.segments = segments;
        this.factory = factory;
        this.log = log;
        this.groupCommit = groupCommit;
        this.deletion = deletion;
        this.failure = failure;
        this.salt = salt;
        this.largeValueLength = Math.min(LARGE_VALUE_LENGTH, segments.segmentSize() / 4);
        for (int i = 0; i < workplaces.length; i++) {
            workplaces[i] = new Workplace();
        }
    }

    /** Whether a value of this length goes to a segment of its own. */
    public boolean isLarge(long valueLength) {
        return valueLength >= largeValueLength;
    }

    /** Stores a value; the sequence it got, or {@link #REFUSED} if the precondition did not hold. */
    public long put(byte[] key, int keyOffset, int keyLength, MemorySegment value, Precondition precondition)
            throws IOException {
        if (isLarge(value.byteSize())) {
            return putLarge(key, keyOffset, keyLength, value, precondition);
        }
        long hash = directory.hash(key, keyOffset, keyLength);
        ReentrantLock lock = directory.lock(hash);
        lock.lock();
        try {
            failure.check();
            long current = directory.find(hash, key, keyOffset, keyLength);
            if (!precondition.holds(segments, current)) {
                return REFUSED;
            }
            return append(hash, key, keyOffset, keyLength, value, current);
        } finally {
            lock.unlock();
        }
    }

    private long append(long hash, byte[] key, int keyOffset, int keyLength, MemorySegment value, long current)
            throws IOException {
        Workplace here = workplaces[KeyDirectory.stripe(hash)];
        Claim claim = here.claim;
        long valueLength = value.byteSize();
        // Of the caller's bytes, before they are copied: what the caller gave is what is vouched for.
        int valueChecksum = here.checksum.of(value, 0, valueLength);
        log.claim(claim, RecordLayout.VALUE, keyLength, valueLength);
        MemorySegment target = claim.segment().memory();
        boolean filled = false;
        try {
            long valueOffset = RecordLayout.valueOffset(claim.offset(), keyLength, valueLength);
            here.header.encode(
                    RecordLayout.VALUE,
                    key,
                    keyOffset,
                    keyLength,
                    claim.sequence(),
                    valueLength,
                    valueChecksum,
                    Checksum.salt(salt, claim.position()));
            here.header.store(target, claim.offset());
            RecordLayout.writeFrame(target, valueOffset, valueLength);
            MemorySegment.copy(value, 0, target, valueOffset, valueLength);
            filled = true;
        } finally {
            if (!filled) {
                log.abandon(claim, here.header);
            }
        }
        log.publish(claim, RecordLayout.commitWord(RecordLayout.VALUE, keyLength));
        install(hash, current, claim);
        return claim.sequence();
    }

    /** Removes a key; false if it was not there or the precondition did not hold. */
    public boolean remove(byte[] key, int keyOffset, int keyLength, Precondition precondition) throws IOException {
        long hash = directory.hash(key, keyOffset, keyLength);
        ReentrantLock lock = directory.lock(hash);
        lock.lock();
        try {
            failure.check();
            long current = directory.find(hash, key, keyOffset, keyLength);
            if (current == 0 || !precondition.holds(segments, current)) {
                return false;
            }
            Workplace here = workplaces[KeyDirectory.stripe(hash)];
            Claim claim = here.claim;
            log.claim(claim, RecordLayout.TOMBSTONE, keyLength, 0);
            boolean filled = false;
            try {
                here.header.encode(
                        RecordLayout.TOMBSTONE,
                        key,
                        keyOffset,
                        keyLength,
                        claim.sequence(),
                        0,
                        0,
                        Checksum.salt(salt, claim.position()));
                here.header.store(claim.segment().memory(), claim.offset());
                filled = true;
            } finally {
                if (!filled) {
                    log.abandon(claim, here.header);
                }
            }
            log.publish(claim, RecordLayout.commitWord(RecordLayout.TOMBSTONE, keyLength));
            directory.remove(hash, current);
            supersede(current);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Removes every key. */
    public void clear() throws IOException {
        IOException[] failed = new IOException[1];
        directory.exclusively(() -> {
            failure.check();
            try {
                log.appendSystem(RecordLayout.CLEAR, 0);
            } catch (IOException e) {
                failed[0] = e;
                return;
            }
            directory.clear();
            segments.logSegments().forEach(segment -> segment.addLiveBytes(-segment.liveBytes()));
            segments.largeSegments().forEach(this::forget);
        });
        if (failed[0] != null) {
            throw failed[0];
        }
    }

    // --- large values ---

    /** Begins a large value that arrives in pieces. */
    public LargeValueSink beginLarge(byte[] key, long valueLength) throws IOException {
        failure.check();
        return new LargeValueSink(factory.createLarge(key.length, valueLength), key, this);
    }

    private long putLarge(byte[] key, int keyOffset, int keyLength, MemorySegment value, Precondition precondition)
            throws IOException {
        byte[] ownKey = Arrays.copyOfRange(key, keyOffset, keyOffset + keyLength);
        try (LargeValueSink sink = beginLarge(ownKey, value.byteSize())) {
            sink.write(value);
            return sink.commit(precondition);
        }
    }

    /** Publishes a large value whose bytes are all in its segment; its sequence, or {@link #REFUSED}. */
    long commitLarge(LargeSegment large, byte[] key, int valueChecksum, Precondition precondition) throws IOException {
        long hash = directory.hash(key, 0, key.length);
        ReentrantLock lock = directory.lock(hash);
        lock.lock();
        try {
            failure.check();
            long current = directory.find(hash, key, 0, key.length);
            if (!precondition.holds(segments, current)) {
                return REFUSED;
            }
            Workplace here = workplaces[KeyDirectory.stripe(hash)];
            Claim claim = here.claim;
            log.claim(claim, RecordLayout.REFERENCE, key.length, large.valueLength());
            boolean filled = false;
            try {
                finishLarge(large, key, claim.sequence(), valueChecksum, here.header);
                here.header.encodeReference(
                        key,
                        0,
                        key.length,
                        claim.sequence(),
                        large.valueLength(),
                        valueChecksum,
                        large.number(),
                        Checksum.salt(salt, claim.position()));
                here.header.store(claim.segment().memory(), claim.offset());
                large.referTo(claim.position(), claim.sequence());
                segments.add(large);
                groupCommit.add(large);
                filled = true;
            } finally {
                if (!filled) {
                    log.abandon(claim, here.header);
                }
            }
            log.publish(claim, RecordLayout.commitWord(RecordLayout.REFERENCE, key.length));
            install(hash, current, claim);
            return claim.sequence();
        } finally {
            lock.unlock();
        }
    }

    private void finishLarge(LargeSegment large, byte[] key, long sequence, int valueChecksum, HeaderImage header)
            throws IOException {
        long offset = SegmentHeader.LENGTH;
        int recordSalt = Checksum.salt(salt, segments.position(large.number(), offset));
        header.encode(
                RecordLayout.LARGE_VALUE, key, 0, key.length, sequence, large.valueLength(), valueChecksum, recordSalt);
        MemorySegment memory = large.memory();
        header.store(memory, offset);
        RecordLayout.writeFrame(memory, large.valueOffset(), large.valueLength());
        RecordLayout.publish(memory, offset, RecordLayout.commitWord(RecordLayout.LARGE_VALUE, key.length));
    }

    /** Throws away a large value that was not published. */
    void abandon(LargeSegment large) throws IOException {
        factory.delete(large.name());
        large.retire();
    }

    // --- what is current ---

    private void install(long hash, long current, Claim claim) {
        claim.segment().addLiveBytes(claim.length());
        if (current == 0) {
            directory.insert(hash, claim.position());
        } else {
            directory.replace(hash, current, claim.position());
            supersede(current);
        }
    }

    /** The record at the position is dead from now on. */
    private void supersede(long position) {
        Segment segment = segments.segment(position);
        long offset = segments.offset(position);
        segment.addLiveBytes(-segment.recordLength(offset));
        if (segment.kind(offset) == RecordLayout.REFERENCE) {
            LargeSegment large = segments.large(segment.referencedSegment(offset));
            if (large != null) {
                forget(large);
            }
        }
    }

    private void forget(LargeSegment large) {
        if (segments.remove(large)) {
            deletion.add(large);
        }
    }
}
