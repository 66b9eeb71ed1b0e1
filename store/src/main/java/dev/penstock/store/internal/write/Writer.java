package dev.penstock.store.internal.write;

import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.log.GroupCommit;
import dev.penstock.store.internal.log.Log;
import dev.penstock.store.internal.segment.Expiry;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentFactory;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes to single keys. Each holds the lock of the key's stripe from looking up the current record to pointing the key
 * directory at the new one, so that operations on one key are atomic and their order in the log is the order in which
 * they took effect. Whatever can fail comes before the record counts; see {@link LogAppend}. Writers of keys in
 * different stripes contend only while they claim space in the log.
 *
 * <p><b>Expired records</b> are absent to readers, but stay in the key directory until they are replaced or the expiry
 * sweep removes them.
 *
 * <p><b>Crash argument.</b> The record is complete in the page cache, and so is every record before it, when the call
 * returns; a crash of the process takes neither. The key directory is memory only and is rebuilt from the log.
 *
 * <p>Thread-safe.
 */
public final class Writer {

    /** The sequence of a write that did not take place. */
    public static final long REFUSED = 0;

    /** In place of an expiry: that of the value that is replaced. */
    public static final long KEEP_EXPIRY = -1;

    private final KeyDirectory directory;
    private final SegmentSet segments;
    private final Log log;
    private final FailureLatch failure;
    private final Expiry expiry;
    private final long salt;
    private final CurrentRecords current;
    private final DeferredDeletion deletion;
    private final LargeValues largeValues;
    private final TransferBuffers buffers = new TransferBuffers();
    private final BatchWriter batches;
    /** What a writer needs while it holds a stripe's lock, which guards it. */
    private final RecordAppend[] appends = new RecordAppend[KeyDirectory.STRIPE_COUNT];

    /** @param expiryNoted called, often, when a record was published that expires */
    public Writer(
            KeyDirectory directory,
            SegmentSet segments,
            SegmentFactory factory,
            Log log,
            GroupCommit groupCommit,
            DeferredDeletion deletion,
            FailureLatch failure,
            Expiry expiry,
            Runnable expiryNoted,
            long salt) {
        this.directory = directory;
        this.segments = segments;
        this.log = log;
        this.failure = failure;
        this.expiry = expiry;
        this.salt = salt;
        this.deletion = deletion;
        this.current = new CurrentRecords(directory, segments, factory.addresses(), deletion, failure, expiryNoted);
        this.largeValues = new LargeValues(segments, factory, groupCommit, salt);
        this.batches = new BatchWriter(
                directory, segments, factory.addresses(), log, failure, expiry, salt, current, largeValues);
        for (int i = 0; i < appends.length; i++) {
            appends[i] = new RecordAppend(log, largeValues, current, salt);
        }
    }

    /** Whether a value of this length gets a separate segment. */
    public boolean isLarge(long valueLength) {
        return largeValues.isLarge(valueLength);
    }

    /** The shortest value that gets a separate segment, in bytes. */
    public long smallestLargeLength() {
        return largeValues.smallestLength();
    }

    /**
     * Stores a value; the sequence it got, or {@link #REFUSED} if the precondition did not hold.
     *
     * @param array the value, unless {@code memory} is
     * @param expiryMillis of the epoch, {@link RecordLayout#NO_EXPIRY} or {@link #KEEP_EXPIRY}
     */
    public long put(
            byte[] key,
            int keyOffset,
            int keyLength,
            byte @Nullable [] array,
            @Nullable MemorySegment memory,
            long expiryMillis,
            Precondition precondition)
            throws IOException {
        if (isLarge(valueLength(array, memory))) {
            MemorySegment value = array != null ? MemorySegment.ofArray(array) : Objects.requireNonNull(memory);
            return putLarge(key, keyOffset, keyLength, value, expiryMillis, precondition);
        }
        deletion.relieve();
        long hash = directory.hash(key, keyOffset, keyLength);
        ReentrantLock lock = directory.lock(hash);
        lock.lock();
        try {
            failure.check();
            RecordAppend append = appends[KeyDirectory.stripe(hash)];
            current.find(append.found, hash, key, keyOffset, keyLength);
            long visible = visible(append.found);
            if (!precondition.holds(segments, visible)) {
                return REFUSED;
            }
            long expires = expiryMillis == KEEP_EXPIRY ? expiry.of(visible) : expiryMillis;
            // Computed of the caller's bytes before they are copied, so that it covers the copy. It fails where they
            // cannot be read, before the draft has them.
            int checksum;
            if (array != null) {
                checksum = append.checksum.of(array, 0, array.length);
                append.draft.value.set(array);
            } else {
                MemorySegment bytes = Objects.requireNonNull(memory);
                checksum = append.checksum.of(bytes, 0, bytes.byteSize());
                append.draft.value.set(bytes);
            }
            append.draft.setValue(key, keyOffset, keyLength, checksum, expires);
            return append.run(hash);
        } finally {
            lock.unlock();
        }
    }

    /** Length in bytes of the value that an array or other memory holds. */
    public static long valueLength(byte @Nullable [] array, @Nullable MemorySegment memory) {
        return array != null ? array.length : Objects.requireNonNull(memory).byteSize();
    }

    /** Returns the position of a key's record; 0 if there is none, or it has expired. Seldom reads the record again. */
    private long visible(CurrentRecord found) {
        return found.isExpiring ? expiry.visible(found.position) : found.position;
    }

    /** Removes a key; false if it was not there or the precondition did not hold. */
    public boolean remove(byte[] key, int keyOffset, int keyLength, Precondition precondition) throws IOException {
        deletion.relieve();
        long hash = directory.hash(key, keyOffset, keyLength);
        ReentrantLock lock = directory.lock(hash);
        lock.lock();
        try {
            failure.check();
            RecordAppend append = appends[KeyDirectory.stripe(hash)];
            long found = current.find(append.found, hash, key, keyOffset, keyLength);
            if (visible(append.found) == 0 || !precondition.holds(segments, found)) {
                return false;
            }
            append.draft.setTombstone(key, keyOffset, keyLength);
            append.run(hash);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Removes a key if it has expired, and returns whether it had. */
    public boolean removeExpired(byte[] key, int keyOffset, int keyLength) throws IOException {
        long hash = directory.hash(key, keyOffset, keyLength);
        ReentrantLock lock = directory.lock(hash);
        lock.lock();
        try {
            failure.check();
            RecordAppend append = appends[KeyDirectory.stripe(hash)];
            long found = current.find(append.found, hash, key, keyOffset, keyLength);
            if (found == 0 || !expiry.hasPassed(found)) {
                return false;
            }
            append.draft.setTombstone(key, keyOffset, keyLength);
            append.run(hash);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives a key another expiry, or none; false if it was not there or the precondition did not hold. A small value is
     * written once more, a large one stays where it is.
     */
    public boolean expireAt(byte[] key, int keyOffset, int keyLength, long expiryMillis, Precondition precondition)
            throws IOException {
        long hash = directory.hash(key, keyOffset, keyLength);
        ReentrantLock lock = directory.lock(hash);
        lock.lock();
        try {
            failure.check();
            RecordAppend append = appends[KeyDirectory.stripe(hash)];
            long found = current.find(append.found, hash, key, keyOffset, keyLength);
            if (visible(append.found) == 0 || !precondition.holds(segments, found)) {
                return false;
            }
            Segment segment = segments.requireSegment(found);
            long offset = segments.offset(found);
            MemorySegment memory = segment.memory();
            long valueLength = RecordLayout.valueLength(memory, offset);
            // As it is stored: if the value is damaged, its copy is known to be damaged too.
            int valueChecksum = RecordLayout.valueChecksum(memory, offset) ^ Checksum.salt(salt, found);
            if (segment.kind(offset) == RecordLayout.REFERENCE) {
                LargeSegment large = segments.requireLarge(segment.referencedSegment(offset));
                append.draft.setReference(key, keyOffset, keyLength, large, valueChecksum, expiryMillis, false);
            } else {
                long valueOffset =
                        RecordLayout.valueOffset(offset, RecordLayout.commitWord(memory, offset), valueLength);
                append.draft.value.set(memory.asSlice(valueOffset, valueLength));
                append.draft.setValue(key, keyOffset, keyLength, valueChecksum, expiryMillis);
            }
            append.run(hash);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes its expiry from a key; false if it was not there, had none, or the precondition did not hold.
     */
    public boolean clearExpiry(byte[] key, int keyOffset, int keyLength, Precondition precondition) throws IOException {
        return expireAt(key, keyOffset, keyLength, RecordLayout.NO_EXPIRY, Precondition.EXPIRING.and(precondition));
    }

    /**
     * Removes every key and makes the changes of a batch, both or neither after a crash. Returns false, and changes
     * nothing, if an expectation of the batch does not hold.
     */
    public boolean replaceAll(Batch batch) throws IOException {
        if (batch.isEmpty()) {
            return clear(batch);
        }
        deletion.relieve();
        return batches.replaceAll(batch);
    }

    private boolean clear(Batch expected) throws IOException {
        IOException[] failed = new IOException[1];
        boolean[] cleared = new boolean[1];
        directory.exclusively(() -> {
            failure.check();
            try {
                if (batches.expectationsHold(expected)) {
                    log.appendSystem(RecordLayout.CLEAR, 0, () -> current.clear(large -> false));
                    cleared[0] = true;
                }
            } catch (IOException e) {
                failed[0] = e;
            }
        });
        if (failed[0] != null) {
            throw failed[0];
        }
        return cleared[0];
    }

    /** Writes several keys, all or none after a crash; false and nothing written if an expectation does not hold. */
    public boolean write(Batch batch) throws IOException {
        deletion.relieve();
        return batches.write(batch);
    }

    // --- large values ---

    /** Begins a large value that arrives in pieces. */
    public ValueSink beginLarge(byte[] key, long valueLength) throws IOException {
        failure.check();
        deletion.relieve();
        return ValueSink.ofLength(largeValues.create(key.length, valueLength), key, this, buffers);
    }

    /** Begins a large value of which nobody knows how long it will be. */
    public ValueSink beginGrowing(byte[] key) throws IOException {
        failure.check();
        deletion.relieve();
        return ValueSink.growing(largeValues.createGrowing(key.length), key, this, buffers);
    }

    private long putLarge(
            byte[] key, int keyOffset, int keyLength, MemorySegment value, long expiryMillis, Precondition precondition)
            throws IOException {
        byte[] ownKey = Arrays.copyOfRange(key, keyOffset, keyOffset + keyLength);
        try (ValueSink sink = beginLarge(ownKey, value.byteSize())) {
            sink.write(value);
            return sink.commit(expiryMillis, precondition);
        }
    }

    /** Publishes a large value whose bytes are all in its segment; its sequence, or {@link #REFUSED}. */
    long commitLarge(LargeSegment large, byte[] key, int valueChecksum, long expiryMillis, Precondition precondition)
            throws IOException {
        long hash = directory.hash(key, 0, key.length);
        ReentrantLock lock = directory.lock(hash);
        lock.lock();
        try {
            failure.check();
            RecordAppend append = appends[KeyDirectory.stripe(hash)];
            current.find(append.found, hash, key, 0, key.length);
            long visible = visible(append.found);
            if (!precondition.holds(segments, visible)) {
                return REFUSED;
            }
            long expires = expiryMillis == KEEP_EXPIRY ? expiry.of(visible) : expiryMillis;
            append.draft.setReference(key, 0, key.length, large, valueChecksum, expires, true);
            return append.run(hash);
        } finally {
            lock.unlock();
        }
    }

    /** Ends the large values that are still on their way in. No write to the log is under way, and none will be. */
    public void close() throws IOException {
        largeValues.close(!failure.isSet());
    }

    /** Throws away a large value, unless a record that refers to it counts or may count. */
    void abandon(LargeSegment large) throws IOException {
        largeValues.abandon(large);
    }
}
