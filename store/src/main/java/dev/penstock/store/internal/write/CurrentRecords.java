package dev.penstock.store.internal.write;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.index.AppliedMark;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.io.RawMemory;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentAddresses;
import dev.penstock.store.internal.segment.SegmentSet;
import java.lang.foreign.MemorySegment;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The current records: looks up the records that a write will replace, reserves space in the key directory and, when
 * the write's record is published, points the directory at it and accounts for the replaced records.
 *
 * <p><b>Before and after.</b> {@link #find} and {@link #reserve} come before a record counts; they read files, allocate
 * memory, and may fail. {@link #install} and {@link #remove} come after it; they do neither.
 *
 * <p>The caller holds the lock of the key's stripe from the first to the last.
 */
final class CurrentRecords {

    private final KeyDirectory directory;
    private final SegmentSet segments;
    private final SegmentAddresses addresses;
    private final DeferredDeletion deletion;
    private final FailureLatch failure;
    private final Runnable expiryNoted;

    /** @param expiryNoted called when a record was installed that expires */
    CurrentRecords(
            KeyDirectory directory,
            SegmentSet segments,
            SegmentAddresses addresses,
            DeferredDeletion deletion,
            FailureLatch failure,
            Runnable expiryNoted) {
        this.directory = directory;
        this.segments = segments;
        this.addresses = addresses;
        this.deletion = deletion;
        this.failure = failure;
        this.expiryNoted = expiryNoted;
    }

    // --- before a record counts ---

    /**
     * Looks up the current record of a key; returns its position, 0 if there is none.
     *
     * @throws CorruptionException if it is damaged
     */
    long find(CurrentRecord found, long hash, byte[] key, int keyOffset, int keyLength) {
        long known = findByAddress(found, hash, key, keyOffset, keyLength);
        if (known != KeyDirectory.UNDECIDED) {
            return known;
        }
        long position = directory.find(hash, key, keyOffset, keyLength);
        if (position == 0) {
            found.absent();
        } else {
            examine(found, position);
        }
        return position;
    }

    /**
     * The usual case with few instructions: a key that is absent, or has a sound record that holds its value. The
     * segment stays without a lease, since a slot of the locked stripe names it.
     *
     * @return as {@link #find}, or {@link KeyDirectory#UNDECIDED}
     */
    private long findByAddress(CurrentRecord found, long hash, byte[] key, int keyOffset, int keyLength) {
        try {
            long record = directory.findByAddress(hash, key, keyOffset, keyLength, addresses);
            boolean decided = record == 0 || record > 0 && isTakenByAddress(found, record & RawMemory.ADDRESSES);
            PageFaults.deliver();
            if (!decided) {
                return KeyDirectory.UNDECIDED;
            }
            if (record == 0) {
                found.absent();
            }
            return found.position;
        } catch (InternalError pageLost) {
            return KeyDirectory.UNDECIDED; // the other way says where
        }
    }

    /** Notes a record that holds its value; false if it is of another kind, or damaged. */
    private boolean isTakenByAddress(CurrentRecord found, long record) {
        int commitWord = RawMemory.getInt(record + RecordLayout.COMMIT_WORD_OFFSET);
        long valueLength = RawMemory.getLong(record + RecordLayout.VALUE_LENGTH_OFFSET);
        Segment segment = addresses.segment(record);
        if (segment == null
                || RecordLayout.kind(commitWord) != RecordLayout.VALUE
                || valueLength < 0
                || valueLength > segment.memory().byteSize()) {
            return false;
        }
        long offset = addresses.offset(record);
        long length = RecordLayout.recordLength(offset, commitWord, valueLength);
        if (length > segment.memory().byteSize() - offset) {
            return false;
        }
        found.at(segments.position(segment.number(), offset), segment);
        found.length = length;
        found.isExpiring = RecordLayout.isExpiring(commitWord);
        found.large = null;
        return true;
    }

    private void examine(CurrentRecord found, long position) {
        Segment segment = segments.requireSegment(position);
        MemorySegment memory = segment.memory();
        long offset = segments.offset(position);
        int commitWord = RecordLayout.publishedCommitWord(memory, offset);
        int kind = RecordLayout.kind(commitWord);
        long valueLength = RecordLayout.valueLength(memory, offset);
        if (kind != RecordLayout.VALUE && kind != RecordLayout.REFERENCE
                || valueLength < 0
                || valueLength > RecordLayout.MAX_VALUE_LENGTH) {
            throw new CorruptionException(segment.name(), offset, "this is not a record of a key with a value");
        }
        long length = RecordLayout.recordLength(offset, commitWord, valueLength);
        if (length > memory.byteSize() - offset) {
            throw new CorruptionException(segment.name(), offset, "record of " + length + " bytes does not fit");
        }
        found.at(position, segment);
        found.length = length;
        found.isExpiring = RecordLayout.isExpiring(commitWord);
        found.large = kind == RecordLayout.REFERENCE
                ? segments.large(RecordLayout.referencedSegment(memory, offset, commitWord))
                : null;
    }

    /** Makes room in the key directory for a key, unless it is there. */
    void reserve(CurrentRecord found, long hash) {
        if (!found.isPresent()) {
            reserve(KeyDirectory.stripe(hash), 1);
        }
    }

    /**
     * Makes room in the key directory for so many keys of a stripe.
     *
     * @throws dev.penstock.store.StoreFullException if there is no memory for them
     */
    void reserve(int stripe, int count) {
        try {
            directory.reserve(stripe, count);
        } catch (RuntimeException | Error e) {
            if (directory.isBroken()) {
                throw failure.set("the key directory could not be changed", e);
            }
            throw e;
        }
    }

    // --- when it does ---

    /**
     * Makes a published record the current one of its key.
     *
     * @param found the one that it replaces
     * @param expiryMillis of the epoch, or {@link RecordLayout#NO_EXPIRY}
     * @param referenced the large value that it refers to; null if the record holds its value
     */
    void install(
            CurrentRecord found,
            long hash,
            Segment segment,
            long offset,
            long length,
            long expiryMillis,
            @Nullable LargeSegment referenced) {
        long position = segments.position(segment.number(), offset);
        segment.liveBytes().add(KeyDirectory.stripe(hash), length);
        if (expiryMillis != RecordLayout.NO_EXPIRY) {
            segment.noteExpiry(expiryMillis);
            directory.addExpiring(hash, 1);
            expiryNoted.run();
        }
        if (referenced != null) {
            referenced.referredToBy(position);
        }
        if (found.isPresent()) {
            directory.replace(hash, found.position, position);
            supersede(found, hash, referenced);
        } else {
            directory.insert(hash, position);
        }
    }

    /** The key is gone: a tombstone was published. */
    void remove(CurrentRecord found, long hash) {
        directory.remove(hash, found.position);
        supersede(found, hash, null);
    }

    private void supersede(CurrentRecord found, long hash, @Nullable LargeSegment stillReferenced) {
        found.segment().liveBytes().add(KeyDirectory.stripe(hash), -found.length);
        if (found.isExpiring) {
            directory.addExpiring(hash, -1);
        }
        if (found.large != null && found.large != stillReferenced) {
            forget(found.large);
        }
    }

    /**
     * Every key is gone. The caller holds all locks.
     *
     * @param isNewer whether a record behind the CLEAR refers to a large value
     */
    void clear(Predicate<LargeSegment> isNewer) {
        directory.clear();
        segments.logSegments().forEach(segment -> segment.liveBytes().clear());
        AppliedMark mark = directory.mark();
        if (mark != null) {
            mark.count(segments);
        }
        for (LargeSegment large : segments.largeSegments()) {
            if (!isNewer.test(large)) {
                forget(large);
            }
        }
    }

    /**
     * Makes a published record the one of the store's mark. The caller holds the lock of its stripe.
     *
     * @param bytes of the mark
     */
    void mark(byte[] bytes, Segment segment, long offset) {
        AppliedMark before = directory.mark();
        AppliedMark mark = AppliedMark.of(bytes, segments.position(segment.number(), offset));
        mark.count(segments);
        directory.mark(mark);
        if (before != null) {
            before.discount(segments);
        }
    }

    /** A large value that no current record refers to. */
    void forget(LargeSegment large) {
        if (segments.remove(large)) {
            deletion.add(large);
        }
    }
}
