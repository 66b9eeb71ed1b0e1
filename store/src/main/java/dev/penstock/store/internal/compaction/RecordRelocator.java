package dev.penstock.store.internal.compaction;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.index.AppliedMark;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.index.Lookahead;
import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.log.Claim;
import dev.penstock.store.internal.log.Log;
import dev.penstock.store.internal.segment.ScannedRecord;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies the records of a sealed segment that are still needed to the tail of the log, with their sequences. The
 * records of a group follow each other in one stretch.
 *
 * <p><b>Which records are needed.</b> A value or a mark is needed if the directory points at its exact position; a
 * tombstone, if its key is absent. This is checked first without a lock, so that the copies are prepared without one,
 * and again under the locks of all their keys' stripes, taken in ascending order. Under these locks the stretch is
 * claimed and written, and the directory is pointed at it, so no other write to the keys intervenes.
 *
 * <p><b>Written, not stored.</b> The stretch is built in separate memory and written to the file in one call: storing
 * to a new page through the mapping costs more than twice as much as writing it, and again when the page is forced.
 *
 * <p><b>Crash argument.</b> The byte that publishes the stretch's first record is written last, by itself; before it,
 * recovery finds nothing here. After a power cut, checksums tell which part of the stretch is left, as for all records.
 *
 * <p>The copy of a value is compared with its checksum before it is written. One pass thus finds damage to the original
 * and to the copy, and a damaged value is never copied to the tail of the log.
 *
 * <p>One thread at a time.
 */
public final class RecordRelocator {

    /** So many records are moved together. */
    public static final int CAPACITY = 256;

    private final KeyDirectory directory;
    private final SegmentSet segments;
    private final Log log;
    private final FailureLatch failure;
    private final long salt;
    private final Claim claim = Claim.forCopies();
    private final RecordHeader padding = new RecordHeader();
    private final CopyBatch copies = new CopyBatch();

    private final List<ScannedRecord> records = new ArrayList<>(CAPACITY);

    public RecordRelocator(KeyDirectory directory, SegmentSet segments, Log log, FailureLatch failure, long salt) {
        this.directory = directory;
        this.segments = segments;
        this.log = log;
        this.failure = failure;
        this.salt = salt;
    }

    /** For the hashes of the records of a group. */
    public Lookahead lookahead() {
        return directory.lookahead(CAPACITY);
    }

    /** Hash of a record's key. */
    public long hash(ScannedRecord record) {
        RecordHeader header = record.header();
        if (header.kind() == RecordLayout.APPLIED) {
            return AppliedMark.HASH;
        }
        return directory.hash(header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
    }

    /** Before the first record of a segment: in a sealed one, whatever is published is in the directory afterwards. */
    public void begin() {
        directory.awaitWriters();
    }

    /** Adds a value, a reference, a tombstone or a mark, which knows its hash, to the group; there is space for one. */
    public void add(ScannedRecord record) {
        records.add(record);
    }

    /**
     * How many records are in the group: of those that were added, or after {@link #move}, of those that were moved.
     */
    public int count() {
        return records.size();
    }

    /** Begins a new group. */
    public void clear() {
        records.clear();
    }

    /**
     * Moves the records of the group that are needed still.
     *
     * @return bytes that the copies take
     * @throws CorruptionException if a value is damaged; nothing is moved then
     */
    public long move() throws IOException {
        if (records.isEmpty()) {
            return 0;
        }
        Segment source = segments.requireSegment(records.getFirst().position());
        copies.clear();
        if (!CopyBatch.dependsOnOffset(records)) {
            copies.put(records, source, 0);
        }
        long stripes = stripes();
        lock(stripes);
        try {
            failure.check();
            dropUnneeded();
            return records.isEmpty() ? 0 : append(source);
        } finally {
            unlock(stripes);
        }
    }

    /** Whether a value, a reference, a tombstone or a mark, which knows its hash, is needed. No is final. */
    public boolean isNeeded(ScannedRecord record) {
        return switch (record.header().kind()) {
            case RecordLayout.TOMBSTONE -> isRemoved(record);
            case RecordLayout.APPLIED -> isCurrentMark(record);
            default -> isCurrent(record);
        };
    }

    private boolean isCurrentMark(ScannedRecord record) {
        AppliedMark mark = directory.mark();
        return mark != null && mark.position() == record.position();
    }

    private boolean isRemoved(ScannedRecord record) {
        RecordHeader header = record.header();
        return directory.find(record.hash(), header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength()) == 0;
    }

    private boolean isCurrent(ScannedRecord record) {
        return directory.isCurrent(record.hash(), record.position());
    }

    /** Those whose keys have been written to since they were added. */
    private void dropUnneeded() {
        if (records.removeIf(record -> !isNeeded(record))) {
            copies.clear();
        }
    }

    private long append(Segment source) throws IOException {
        // They have their sequences, and take no new ones.
        log.claimStretch(claim, offset -> CopyBatch.length(records, offset), 0, false);
        try {
            if (copies.isEmpty()) {
                copies.put(records, source, claim.offset());
            }
            copies.finish(records, salt, claim.position());
            claim.segment().file().write(copies.bytes(), claim.offset());
            log.publish(claim, copies.kindByte(records.getFirst()));
            install(source);
            claim.finish();
            return claim.length();
        } catch (IOException | RuntimeException | Error e) {
            log.giveUp(claim, padding, e);
            throw e;
        }
    }

    private void install(Segment source) {
        long position = claim.position();
        for (int i = 0; i < records.size(); i++) {
            long length = copies.length(i);
            install(records.get(i), source, position, length);
            position += length;
        }
    }

    private void install(ScannedRecord record, Segment source, long position, long length) {
        RecordHeader header = record.header();
        if (header.kind() == RecordLayout.TOMBSTONE) {
            claim.segment().noteTombstone(length);
            return;
        }
        if (header.kind() == RecordLayout.REFERENCE) {
            segments.requireLarge(header.referencedSegment()).referredToBy(position);
        }
        if (header.kind() == RecordLayout.APPLIED) {
            directory.mark(AppliedMark.of(header, position));
        } else {
            directory.replace(record.hash(), record.position(), position);
        }
        if (header.expiryMillis() != RecordLayout.NO_EXPIRY) {
            claim.segment().noteExpiry(header.expiryMillis());
        }
        int stripe = KeyDirectory.stripe(record.hash());
        claim.segment().liveBytes().add(stripe, length);
        source.liveBytes().add(stripe, -record.length());
    }

    // --- the locks of a group's stripes, one bit for each ---

    private long stripes() {
        long stripes = 0;
        for (ScannedRecord record : records) {
            stripes |= 1L << KeyDirectory.stripe(record.hash());
        }
        return stripes;
    }

    private void lock(long stripes) {
        for (long rest = stripes; rest != 0; rest &= rest - 1) {
            directory.lockOf(Long.numberOfTrailingZeros(rest)).lock();
        }
    }

    private void unlock(long stripes) {
        for (long rest = stripes; rest != 0; rest &= rest - 1) {
            directory.lockOf(Long.numberOfTrailingZeros(rest)).unlock();
        }
    }
}
