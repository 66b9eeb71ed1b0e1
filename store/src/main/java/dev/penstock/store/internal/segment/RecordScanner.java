package dev.penstock.store.internal.segment;

import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.Limits;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.io.NativeMemory;
import dev.penstock.store.internal.io.PageFaults;
import java.lang.foreign.MemorySegment;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Walks the records of a segment and trusts nothing: it checks each header against its checksum and each length against
 * the rest of the segment. Values are checked only on request.
 *
 * <p>One thread; the segment may be appended to meanwhile.
 */
public final class RecordScanner {

    /** Why a walk ended. */
    public enum End {
        /** The walk continues, or all of the range is walked. */
        NONE,
        /** Nothing is published at the offset. */
        EMPTY,
        /** What is at the offset is not a sound record. */
        DAMAGED
    }

    /** What is longer is a long key, which may as well be supplied late. */
    private static final long HEADER_AHEAD = 1024;

    /** A search takes the checksum of so many bytes of long headers for each byte that it has passed, and no more. */
    private static final long SEARCH_EFFORT = 64;

    private static final long FIRST_SEARCH_EFFORT = 16L << 20;

    private static final long VALUE_STEP_LENGTH = 1 << 20;

    private final Checksum checksum = new Checksum();
    private final MemorySegment memory;
    private final long basePosition;
    private final long salt;
    private final long limit;
    private @Nullable ScanReadAhead readAhead;
    private RecordHeader header = new RecordHeader();
    private long offset;
    private long length;
    private End end = End.NONE;
    private String problem = "";

    /**
     * @param basePosition position of the segment's first byte
     * @param salt the store's
     * @param from offset of the first record
     * @param limit end of the range to walk
     */
    public RecordScanner(MemorySegment memory, long basePosition, long salt, long from, long limit) {
        this.memory = memory;
        this.basePosition = basePosition;
        this.salt = salt;
        this.offset = from;
        this.limit = limit;
    }

    /**
     * Has all that is walked supplied by the kernel ahead of the walk, values included. A large value is supplied while
     * it is compared with its checksum.
     */
    public RecordScanner readingAhead() {
        readAhead = new ScanReadAhead(memory, offset, limit);
        return this;
    }

    /**
     * Has the processor fetch what comes next, in one go: record by record it would wait for each header, which says
     * where the next one is.
     */
    public void fetchUpTo(long end) {
        long until = Math.min(limit, end);
        if (readAhead != null) {
            readAhead.upTo(until);
        }
        NativeMemory.fetch(memory, nextOffset(), until);
    }

    /** Steps to the next record; false at the end, for which {@link #end} gives the reason. */
    public boolean next() {
        if (step()) {
            return true;
        }
        // What ends the walk may be a page that was lost: its reader decides nothing before it knows.
        PageFaults.deliver();
        return false;
    }

    private boolean step() {
        offset += length;
        length = 0;
        if (limit - offset < RecordLayout.BARE_LENGTH) {
            return false;
        }
        if (readAhead != null) {
            readAhead.upTo(offset + HEADER_AHEAD);
        }
        int commitWord = RecordLayout.commitWord(memory, offset);
        if (!RecordLayout.isPublished(commitWord)) {
            end = End.EMPTY;
            problem = "no record here";
            return false;
        }
        String found = examine(commitWord);
        if (found != null) {
            problem = found;
            end = End.DAMAGED;
            length = 0;
            return false;
        }
        if (readAhead != null && header.kind() != RecordLayout.LARGE_VALUE) {
            readAhead.upTo(offset + length);
        }
        return true;
    }

    /** Steps like {@link #next()}, and has a record of the caller's keep what there is. */
    public boolean next(ScannedRecord record) {
        header = record.header();
        if (!next()) {
            return false;
        }
        record.set(position(), offset, length, salt());
        return true;
    }

    /**
     * Steps to the next sound record at or behind an offset; false if there is none up to the limit.
     *
     * <p>The time is linear in the bytes that are passed, whatever they are: a record with a header of more than
     * {@value #HEADER_AHEAD} bytes is passed over after very many bytes that look like the beginning of one and are
     * none.
     */
    public boolean search(long from) {
        long at = from + RecordLayout.RECORD_ALIGNMENT - 1 & -RecordLayout.RECORD_ALIGNMENT;
        long effort = 0;
        end = End.NONE;
        while (limit - at >= RecordLayout.BARE_LENGTH) {
            if (readAhead != null) {
                readAhead.upTo(at + HEADER_AHEAD);
            }
            int commitWord = RecordLayout.commitWord(memory, at);
            if (commitWord == 0) {
                at = NativeMemory.skipZeros(memory, at + RecordLayout.RECORD_ALIGNMENT)
                        & -RecordLayout.RECORD_ALIGNMENT;
                continue;
            }
            if (RecordLayout.isPossible(commitWord)) {
                int headerLength = RecordLayout.headerLength(commitWord);
                boolean isLong = headerLength > HEADER_AHEAD;
                effort += isLong ? headerLength : 0;
                offset = at;
                length = 0;
                if ((!isLong || effort <= FIRST_SEARCH_EFFORT + SEARCH_EFFORT * (at - from))
                        && examine(commitWord) == null) {
                    return true;
                }
            }
            at += RecordLayout.RECORD_ALIGNMENT;
        }
        offset = limit;
        length = 0;
        PageFaults.deliver();
        return false;
    }

    /** Looks at the record at the offset; returns what is wrong with it, null if nothing is. */
    private @Nullable String examine(int commitWord) {
        int kind = RecordLayout.kind(commitWord);
        if (!RecordLayout.isPossible(commitWord) || RecordLayout.headerLength(commitWord) > limit - offset) {
            return "impossible record header";
        }
        header.load(memory, offset, commitWord);
        if (!header.isSound(salt())) {
            return "header checksum does not match";
        }
        if (header.sequence() < 0) {
            return "impossible sequence " + header.sequence();
        }
        if (kind == RecordLayout.REFERENCE && !isPossibleValue(header.referencedSegment())) {
            return "impossible number of a large value " + header.referencedSegment();
        }
        long valueLength = header.valueLength();
        if (valueLength < 0 || isBounded(kind) && valueLength > RecordLayout.MAX_VALUE_LENGTH) {
            return "impossible value length " + valueLength;
        }
        length = RecordLayout.recordLength(offset, commitWord, valueLength);
        if (length < RecordLayout.BARE_LENGTH
                || length > limit - offset
                || length % RecordLayout.RECORD_ALIGNMENT != 0) {
            return "record of " + length + " bytes does not fit";
        }
        return kind == RecordLayout.BATCH ? examineBatch(valueLength) : null;
    }

    /** A batch is sound if every record in it is; they follow one by one. */
    private @Nullable String examineBatch(long batchLength) {
        long start = offset + length;
        if (batchLength > limit - start) {
            return "batch of " + batchLength + " bytes does not fit";
        }
        RecordScanner inner = new RecordScanner(memory, basePosition, salt, start, start + batchLength);
        while (inner.next()) {
            int kind = inner.header.kind();
            boolean isFirstClear = kind == RecordLayout.CLEAR && inner.offset == start;
            if (!isFirstClear
                    && kind != RecordLayout.VALUE
                    && kind != RecordLayout.TOMBSTONE
                    && kind != RecordLayout.REFERENCE
                    && kind != RecordLayout.APPLIED) {
                return "a record that has no place in a batch at offset " + inner.offset;
            }
        }
        return inner.offset == start + batchLength
                ? null
                : "batch with a bad record at offset " + inner.offset + ": " + inner.problem;
    }

    private static boolean isPossibleValue(long number) {
        return number > 0 && number <= Limits.LAST_VALUE;
    }

    private static boolean isBounded(int kind) {
        return kind == RecordLayout.VALUE || kind == RecordLayout.LARGE_VALUE || kind == RecordLayout.REFERENCE;
    }

    /** Whether the value, if the record holds one, matches its checksum. Reads all of it. */
    public boolean isValueSound() {
        return isValueSound(read -> {});
    }

    /** The same, step by step: a large value may be longer than memory. */
    public boolean isValueSound(LongConsumer read) {
        int kind = header.kind();
        if (kind != RecordLayout.VALUE && kind != RecordLayout.LARGE_VALUE) {
            return true;
        }
        checksum.reset();
        long start = valueOffset();
        long valueEnd = start + header.valueLength();
        for (long at = start; at < valueEnd; ) {
            long step = Math.min(VALUE_STEP_LENGTH, valueEnd - at);
            if (readAhead != null) {
                readAhead.upTo(at + step);
            }
            checksum.update(memory, at, step);
            read.accept(step);
            at += step;
        }
        return (checksum.value() ^ salt()) == header.valueChecksum()
                && RecordLayout.isFrameSound(memory, start, header.valueLength());
    }

    public long valueOffset() {
        return RecordLayout.valueOffset(offset, header.commitWord(), header.valueLength());
    }

    /** What the checksums of the current record are combined with. */
    public int salt() {
        return Checksum.salt(salt, position());
    }

    /** The current record's header; valid until the next step. */
    public RecordHeader header() {
        return header;
    }

    /** Offset of the current record, or of the place where the walk ended. */
    public long offset() {
        return offset;
    }

    /** End of the current record, where the next one is. */
    public long nextOffset() {
        return offset + length;
    }

    public long position() {
        return basePosition + offset;
    }

    /** Length of the current record in bytes. */
    public long length() {
        return length;
    }

    public End end() {
        return end;
    }

    /** What is wrong where the walk ended. */
    public String problem() {
        return problem;
    }
}
