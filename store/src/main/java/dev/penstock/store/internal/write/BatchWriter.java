package dev.penstock.store.internal.write;

import dev.penstock.store.BatchTooLargeException;
import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.index.AppliedMark;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.index.Lookahead;
import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.log.Log;
import dev.penstock.store.internal.segment.Expiry;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentAddresses;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes batches: one claimed stretch of the log that begins with a {@link RecordLayout#BATCH} and holds an ordinary
 * record for each change.
 *
 * <p><b>Crash argument.</b> The commit word of the BATCH record is stored last; before it, recovery finds nothing here.
 * After a power cut, which may have kept that word and lost pages of the records, the batch is sound only if every
 * record in it is, with its value.
 *
 * <p><b>All or nothing.</b> Everything that can fail comes before that word: every current record that the batch
 * replaces is looked up and checked, and the key directory has space for every new key. Afterwards the directory is
 * pointed at the records without reading any. Of several changes to one key only the last is ever visible.
 *
 * <p><b>Clearing.</b> A batch that also removes every key has a {@link RecordLayout#CLEAR} as its first record, and
 * concerns all stripes.
 *
 * <p><b>Mark.</b> A batch that sets the store's mark has its record last, and holds the lock of the mark's stripe.
 *
 * <p>The locks of all stripes concerned are held, taken in ascending order, from judging the expectations to pointing
 * the key directory at the last record. Readers take no locks, and see the changes appear one by one; those that read
 * several keys as of one moment ({@link dev.penstock.store.internal.index.StripeSet}) see all of them or none.
 *
 * <p>Thread-safe.
 */
final class BatchWriter {

    private final KeyDirectory directory;
    private final SegmentSet segments;
    private final SegmentAddresses addresses;
    private final Log log;
    private final FailureLatch failure;
    private final Expiry expiry;
    private final long salt;
    private final CurrentRecords current;
    private final LargeValues largeValues;

    BatchWriter(
            KeyDirectory directory,
            SegmentSet segments,
            SegmentAddresses addresses,
            Log log,
            FailureLatch failure,
            Expiry expiry,
            long salt,
            CurrentRecords current,
            LargeValues largeValues) {
        this.directory = directory;
        this.segments = segments;
        this.addresses = addresses;
        this.log = log;
        this.failure = failure;
        this.expiry = expiry;
        this.salt = salt;
        this.current = current;
        this.largeValues = largeValues;
    }

    /** A change on its way into the log. */
    private static final class Entry {
        final RecordDraft draft = new RecordDraft();
        final long hash;
        /** What the change replaces. */
        final CurrentRecord found = new CurrentRecord();
        /** Whether a later change of the batch is to the same key. */
        boolean isOverwritten;

        long offset;

        Entry(long hash) {
            this.hash = hash;
        }

        boolean isOfSameKey(Entry other) {
            return hash == other.hash && Arrays.equals(draft.key, other.draft.key);
        }
    }

    /** The record of a mark on its way into the log. It is the last of its batch. */
    private static final class Mark {
        final RecordDraft draft = new RecordDraft();
        long offset;

        Mark(byte[] bytes) {
            draft.setMark(bytes);
        }
    }

    boolean write(Batch batch) throws IOException {
        return write(batch, false);
    }

    /**
     * Removes every key and writes the batch.
     *
     * @param batch not empty
     */
    boolean replaceAll(Batch batch) throws IOException {
        return write(batch, true);
    }

    private boolean write(Batch batch, boolean clears) throws IOException {
        failure.check();
        Entry[] entries = new Entry[batch.changes.size()];
        Mark mark = batch.mark == null ? null : new Mark(batch.mark);
        boolean written = false;
        try {
            prepare(batch, entries);
            checkLength(entries, mark, clears);
            BitSet stripes = clears ? allStripes() : stripes(batch, entries);
            lock(stripes);
            try {
                failure.check();
                if (!expectationsHold(batch)) {
                    return false;
                }
                if (!batch.isEmpty()) {
                    lookUp(entries, clears);
                    new BatchAppend(entries, mark, stripes.toLongArray()[0], clears).run();
                }
                written = true;
                return true;
            } finally {
                unlock(stripes);
            }
        } finally {
            if (!written) {
                abandon(entries);
            }
        }
    }

    /** All that needs no lock: hashes, checksums, the bytes of large values. */
    private void prepare(Batch batch, Entry[] entries) throws IOException {
        Checksum checksum = new Checksum();
        for (int i = 0; i < entries.length; i++) {
            Batch.Change change = batch.changes.get(i);
            byte[] key = change.key;
            Entry entry = new Entry(directory.hash(key, 0, key.length));
            entries[i] = entry;
            MemorySegment value = change.value;
            if (value == null) {
                entry.draft.setTombstone(key, 0, key.length);
            } else {
                prepare(change, value, entry.draft, checksum);
            }
        }
    }

    private void prepare(Batch.Change change, MemorySegment value, RecordDraft draft, Checksum checksum)
            throws IOException {
        byte[] key = change.key;
        long length = value.byteSize();
        long expiryMillis = change.isRelative ? expiry.after(change.expiryMillis) : change.expiryMillis;
        int valueChecksum = checksum.of(value, 0, length);
        if (largeValues.isLarge(length)) {
            LargeSegment large = largeValues.create(key.length, length);
            draft.setReference(key, 0, key.length, large, valueChecksum, expiryMillis, true);
            large.allocateAll(); // the whole of it is mapped
            MemorySegment.copy(value, 0, large.memory(), large.valueOffset(), length);
        } else {
            draft.value.set(value);
            draft.setValue(key, 0, key.length, valueChecksum, expiryMillis);
        }
    }

    private void checkLength(Entry[] entries, @Nullable Mark mark, boolean clears) {
        long length = layOut(entries, mark, SegmentHeader.LENGTH, clears) + RecordLayout.BARE_LENGTH;
        if (SegmentHeader.LENGTH + length > segments.segmentSize()) {
            throw new BatchTooLargeException(length, segments.segmentSize());
        }
    }

    /** Places the records of a batch that begins at an offset; returns the length of all. */
    private static long layOut(Entry[] entries, @Nullable Mark mark, long start, boolean clears) {
        long offset = start + RecordLayout.BARE_LENGTH + (clears ? RecordLayout.BARE_LENGTH : 0);
        for (Entry entry : entries) {
            entry.offset = offset;
            offset += RecordLayout.recordLength(offset, entry.draft.commitWord, entry.draft.valueLength);
        }
        if (mark != null) {
            mark.offset = offset;
            offset += RecordLayout.recordLength(offset, mark.draft.commitWord, 0);
        }
        return offset - start;
    }

    private static BitSet allStripes() {
        BitSet stripes = new BitSet(KeyDirectory.STRIPE_COUNT);
        stripes.set(0, KeyDirectory.STRIPE_COUNT);
        return stripes;
    }

    private BitSet stripes(Batch batch, Entry[] entries) {
        BitSet stripes = new BitSet(KeyDirectory.STRIPE_COUNT);
        if (batch.mark != null) {
            stripes.set(AppliedMark.STRIPE);
        }
        for (Entry entry : entries) {
            stripes.set(KeyDirectory.stripe(entry.hash));
        }
        for (Batch.Expectation expectation : batch.expectations) {
            stripes.set(KeyDirectory.stripe(directory.hash(expectation.key, 0, expectation.key.length)));
        }
        return stripes;
    }

    private void lock(BitSet stripes) {
        stripes.stream().mapToObj(directory::lockOf).forEach(ReentrantLock::lock);
    }

    private void unlock(BitSet stripes) {
        stripes.stream().mapToObj(directory::lockOf).forEach(ReentrantLock::unlock);
    }

    /** Whether the preconditions of a batch hold. The caller holds the locks of the stripes. */
    boolean expectationsHold(Batch batch) throws IOException {
        for (Batch.Expectation expectation : batch.expectations) {
            byte[] key = expectation.key;
            long found = directory.find(directory.hash(key, 0, key.length), key, 0, key.length);
            if (!expectation.precondition.holds(segments, expiry.visible(found))) {
                return false;
            }
        }
        return true;
    }

    /** Finds what the batch replaces one by one, and makes space in the key directory for what it adds. */
    private void lookUp(Entry[] entries, boolean clears) {
        markOverwritten(entries);
        Lookahead lookahead = directory.lookahead(addresses);
        int[] added = new int[KeyDirectory.STRIPE_COUNT];
        for (int i = 0; i < entries.length; i++) {
            if (i % Lookahead.CAPACITY == 0) {
                prefetch(entries, i, lookahead);
            }
            Entry entry = entries[i];
            if (!entry.isOverwritten) {
                byte[] key = entry.draft.key;
                if (!clears) {
                    current.find(entry.found, entry.hash, key, 0, key.length);
                }
                if (!entry.found.isPresent() && !entry.draft.isRemoval()) {
                    added[KeyDirectory.stripe(entry.hash)]++;
                }
            }
        }
        for (int stripe = 0; stripe < added.length; stripe++) {
            if (added[stripe] > 0 && clears) {
                directory.reserveAfterClear(stripe, added[stripe]);
            } else if (added[stripe] > 0) {
                current.reserve(stripe, added[stripe]);
            }
        }
    }

    /** A table of numbers, at most half full: a set of keys would take ten times the memory. */
    private static void markOverwritten(Entry[] entries) {
        int[] table = new int[4 * Integer.highestOneBit(entries.length)];
        for (int i = entries.length - 1; i >= 0; i--) {
            Entry entry = entries[i];
            int at = (int) (entry.hash ^ entry.hash >>> Integer.SIZE) & table.length - 1;
            while (table[at] != 0 && !entry.isOfSameKey(entries[table[at] - 1])) {
                at = at + 1 & table.length - 1;
            }
            entry.isOverwritten = table[at] != 0;
            table[at] = i + 1;
        }
    }

    /** Appends the records of a batch and then the record that makes them count. */
    private final class BatchAppend extends LogAppend {

        private final Entry[] entries;
        private final @Nullable Mark mark;
        private final long stripeMask;
        private final boolean clears;

        BatchAppend(Entry[] entries, @Nullable Mark mark, long stripeMask, boolean clears) {
            super(log, largeValues, salt);
            this.entries = entries;
            this.mark = mark;
            this.stripeMask = stripeMask;
            this.clears = clears;
        }

        @Override
        void claim(Log tail) throws IOException {
            boolean onlyRemoves = Arrays.stream(entries).allMatch(entry -> entry.draft.isRemoval());
            tail.claimStretch(
                    claim,
                    offset -> layOut(entries, mark, offset, clears),
                    clearCount() + entries.length + (mark == null ? 0 : 1),
                    onlyRemoves);
        }

        private int clearCount() {
            return clears ? 1 : 0;
        }

        @Override
        int store() throws IOException {
            MemorySegment target = claim.segment().memory();
            if (clears) {
                storeClear(target);
            }
            for (int i = 0; i < entries.length; i++) {
                Entry entry = entries[i];
                store(entry.draft, entry.offset, claim.sequence() + clearCount() + i);
                RecordLayout.publish(target, entry.offset, entry.draft.commitWord);
            }
            if (mark != null) {
                store(mark.draft, mark.offset, claim.sequence() + clearCount() + entries.length);
                RecordLayout.publish(target, mark.offset, mark.draft.commitWord);
            }
            long recordsLength = claim.length() - RecordLayout.BARE_LENGTH;
            header.encodeBare(RecordLayout.BATCH, claim.sequence(), recordsLength, saltAt(claim.offset()));
            header.store(target, claim.offset());
            return header.commitWord();
        }

        /** Stores the first record of a batch that removes every key. */
        private void storeClear(MemorySegment target) {
            long offset = claim.offset() + RecordLayout.BARE_LENGTH;
            header.encodeBare(RecordLayout.CLEAR, claim.sequence(), 0, saltAt(offset));
            header.store(target, offset);
            RecordLayout.publish(target, offset, header.commitWord());
        }

        @Override
        void install() {
            directory.beginTogether(stripeMask);
            try {
                if (clears) {
                    current.clear(claim::carries);
                }
                for (Entry entry : entries) {
                    BatchWriter.this.install(entry, claim.segment());
                }
                if (mark != null) {
                    current.mark(mark.draft.key, claim.segment(), mark.offset);
                }
            } finally {
                directory.endTogether(stripeMask);
            }
        }
    }

    private static void prefetch(Entry[] entries, int from, Lookahead lookahead) {
        lookahead.clear();
        for (int i = from; i < Math.min(entries.length, from + Lookahead.CAPACITY); i++) {
            lookahead.add(entries[i].hash);
        }
        lookahead.run();
    }

    private void install(Entry entry, Segment segment) {
        RecordDraft draft = entry.draft;
        if (entry.isOverwritten) {
            if (draft.large != null) {
                current.forget(draft.large);
            }
        } else if (!draft.isRemoval()) {
            long length = RecordLayout.recordLength(entry.offset, draft.commitWord, draft.valueLength);
            current.install(entry.found, entry.hash, segment, entry.offset, length, draft.expiryMillis, draft.large);
        } else if (entry.found.isPresent()) {
            current.remove(entry.found, entry.hash);
        }
    }

    private void abandon(Entry[] entries) throws IOException {
        for (Entry entry : entries) {
            if (entry != null && entry.draft.large != null) {
                largeValues.abandon(entry.draft.large);
            }
        }
    }
}
