package dev.penstock.store.internal.compaction;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.segment.ScannedRecord;
import dev.penstock.store.internal.segment.Segment;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Copies of records in the form in which they will follow each other in the log, in memory outside the heap. First
 * their values are copied and compared with their checksums. When the position in the log is known, {@link #finish}
 * completes the headers for it.
 *
 * <p>Longer values are aligned in the log, so their place in the stretch depends on its offset (see {@link
 * #dependsOnOffset}).
 *
 * <p>One thread at a time.
 */
final class CopyBatch {

    private static final long INITIAL_LENGTH = 128 << 10;

    private final Checksum checksum = new Checksum();
    private final long[] offsets = new long[RecordRelocator.CAPACITY + 1];
    private final ByteBuffer kindByte = ByteBuffer.allocateDirect(1);
    private MemorySegment memory = MemorySegment.NULL;
    private ByteBuffer buffer = memory.asByteBuffer();
    private boolean empty = true;

    /** Length of the stretch that records make at an offset of a segment. */
    static long length(List<ScannedRecord> records, long offset) {
        long end = offset;
        for (ScannedRecord record : records) {
            end += length(record.header(), end);
        }
        return end - offset;
    }

    private static long length(RecordHeader header, long offset) {
        return RecordLayout.recordLength(offset, header.commitWord(), header.valueLength());
    }

    /** Whether the copies of records can be put in place only when it is known which offset they go to. */
    static boolean dependsOnOffset(List<ScannedRecord> records) {
        for (ScannedRecord record : records) {
            RecordHeader header = record.header();
            if (header.kind() == RecordLayout.VALUE && header.valueLength() >= RecordLayout.ALIGNED_VALUE_LENGTH) {
                return true;
            }
        }
        return false;
    }

    void clear() {
        empty = true;
    }

    boolean isEmpty() {
        return empty;
    }

    /**
     * Puts copies in place.
     *
     * @param offset they go to, of a segment; any, if it does not matter
     * @throws CorruptionException if a value does not match its checksum
     */
    void put(List<ScannedRecord> records, Segment source, long offset) {
        long at = offset & (RecordLayout.VALUE_ALIGNMENT - 1);
        ensureCapacity(at + length(records, at));
        for (int i = 0; i < records.size(); i++) {
            ScannedRecord record = records.get(i);
            offsets[i] = at;
            at += length(record.header(), at);
            copy(record, source, offsets[i], at);
        }
        offsets[records.size()] = at;
        empty = false;
    }

    private void copy(ScannedRecord record, Segment source, long at, long end) {
        RecordHeader header = record.header();
        // Nothing of what was here before may show between the parts of the record, or behind them.
        memory.set(ValueLayout.JAVA_LONG, end - Long.BYTES, 0);
        if (header.kind() != RecordLayout.VALUE) {
            return;
        }
        long valueLength = header.valueLength();
        long valueOffset = RecordLayout.valueOffset(at, header.commitWord(), valueLength);
        if (valueLength >= RecordLayout.ALIGNED_VALUE_LENGTH) {
            memory.asSlice(at, valueOffset - at).fill((byte) 0);
        }
        header.storeWithValue(memory, at, source.memory(), record.valueOffset());
        if ((checksum.of(buffer, (int) valueOffset, (int) valueLength) ^ record.salt()) != header.valueChecksum()) {
            throw new CorruptionException(source.name(), record.offset(), "value checksum does not match");
        }
    }

    /**
     * Makes headers right for their new place. The first record is left unpublished, see {@link #kindByte}.
     *
     * @param position of the first record's copy
     */
    void finish(List<ScannedRecord> records, long salt, long position) {
        for (int i = 0; i < records.size(); i++) {
            ScannedRecord record = records.get(i);
            RecordHeader header = record.header();
            long at = offsets[i];
            header.resalt(record.salt(), Checksum.salt(salt, position + at - offsets[0]));
            header.store(memory, at);
            int commitWord = header.commitWord();
            RecordLayout.publish(memory, at, i == 0 ? RecordLayout.unpublished(commitWord) : commitWord);
        }
        buffer.limit((int) offsets[records.size()]).position((int) offsets[0]);
    }

    /** Length of one of the copies. */
    long length(int index) {
        return offsets[index + 1] - offsets[index];
    }

    /** The finished stretch. */
    ByteBuffer bytes() {
        return buffer;
    }

    /** The byte that publishes the first record, and all behind it. */
    ByteBuffer kindByte(ScannedRecord first) {
        return kindByte.put(0, RecordLayout.kindByte(first.header().commitWord()))
                .rewind();
    }

    private void ensureCapacity(long needed) {
        if (memory.byteSize() < needed) {
            long capacity = Math.max(INITIAL_LENGTH, needed);
            memory = Arena.ofAuto().allocate(capacity, RecordLayout.VALUE_ALIGNMENT);
            buffer = memory.asByteBuffer();
        }
    }
}
