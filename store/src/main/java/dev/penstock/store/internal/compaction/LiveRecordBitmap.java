package dev.penstock.store.internal.compaction;

import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.Mappings;
import dev.penstock.store.internal.io.NativeMemory;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import dev.penstock.store.internal.segment.SegmentTable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * The records of some sealed segments that the key directory points at: a bit for each place where a record may begin.
 * One sequential walk along the directory answers for all records what a lookup would answer for one, and each lookup
 * would access a different place in memory.
 *
 * <p><b>A dead record stays dead.</b> The directory never points again at a record of a sealed segment that it does not
 * point at now. A live record may die at any time. Each stripe is read under its lock, so no writer is between
 * publishing a record and pointing the directory at it.
 *
 * <p>Made by one thread, read by any.
 */
final class LiveRecordBitmap implements AutoCloseable {

    /**
     * Memory for it may take this part of the directory's: so many records come of one walk that the walk is nothing.
     */
    private static final int DIRECTORY_FRACTION = 2;

    /** Records are longer, so no two of them begin within as many bytes: one bit is enough for those. */
    private static final int CELL_LENGTH = Integer.highestOneBit(RecordLayout.BARE_LENGTH);

    private final Arena arena = Arena.ofShared();
    private final SegmentSet segments;
    private final Segment[] table;
    /** Where each segment's bits are, in segments; by its slot in the table. */
    private final int[] places;

    private final long wordsPerSegment;
    private final MemorySegment bits;

    /** @param chosen sealed segments */
    LiveRecordBitmap(List<Segment> chosen, SegmentSet segments) {
        this.segments = segments;
        this.table = SegmentTable.of(chosen);
        this.places = new int[table.length];
        for (int place = 0; place < chosen.size(); place++) {
            places[SegmentTable.slot(table, chosen.get(place).number())] = place;
        }
        this.wordsPerSegment = bytesPerSegment(segments) / Long.BYTES;
        this.bits = NativeMemory.allocate(chosen.size() * bytesPerSegment(segments), arena);
        if (bits.byteSize() >= NativeMemory.HUGE_PAGE_LENGTH) {
            NativeMemory.adviseHugePages(bits);
        }
    }

    /** Notes what the directory names. */
    void fill(KeyDirectory directory) {
        directory.forEachPosition(this::add);
    }

    /** How many segments are worth one map. */
    static int segmentCount(SegmentSet segments, KeyDirectory directory) {
        return (int) Math.max(1, directory.bytes() / DIRECTORY_FRACTION / bytesPerSegment(segments));
    }

    private static long bytesPerSegment(SegmentSet segments) {
        return Math.ceilDiv(segments.segmentSize(), (long) CELL_LENGTH * Byte.SIZE * Long.BYTES) * Long.BYTES;
    }

    private void add(long position) {
        int slot = SegmentTable.slot(table, segments.number(position));
        if (slot != SegmentTable.NONE) {
            long bit = bit(position);
            long word = word(slot, bit);
            bits.setAtIndex(ValueLayout.JAVA_LONG, word, bits.getAtIndex(ValueLayout.JAVA_LONG, word) | 1L << bit);
        }
    }

    /** Whether the directory named the record at a position of one of the segments. */
    boolean contains(long position) {
        long bit = bit(position);
        long word = word(SegmentTable.slot(table, segments.number(position)), bit);
        return (bits.getAtIndex(ValueLayout.JAVA_LONG, word) >>> bit & 1) != 0;
    }

    private long bit(long position) {
        return segments.offset(position) / CELL_LENGTH;
    }

    private long word(int slot, long bit) {
        return places[slot] * wordsPerSegment + bit / Long.SIZE;
    }

    @Override
    public void close() {
        Mappings.close(arena);
    }
}
