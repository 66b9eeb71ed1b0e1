package dev.penstock.store.internal.index;

import dev.penstock.store.internal.io.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * An array of 64-byte buckets of eight slots that grows in place: each chunk of memory is as large as all before it, so
 * nothing is ever copied and a bucket's chunk follows from the leading zeros of its number. The memory of a chunk takes
 * no room before it is touched.
 *
 * <p>One thread grows; any thread reads buckets below a number that was published after they were made.
 */
final class BucketArray {

    static final int SLOTS = 8;
    static final int LAST_SLOT = SLOTS - 1;
    static final int FIRST_CHUNK_BUCKETS = 64;

    private static final int BUCKET_SHIFT = 6;
    private static final int SLOT_SHIFT = 3;
    private static final int FIRST_CHUNK_SHIFT = Integer.numberOfTrailingZeros(FIRST_CHUNK_BUCKETS);
    private static final int CHUNK_COUNT = Integer.SIZE - FIRST_CHUNK_SHIFT;
    private static final int LEADING_ZEROS_OF_FIRST = Integer.SIZE - FIRST_CHUNK_SHIFT;
    /** Below this size a huge page would cost more memory than it saves time. */
    private static final long HUGE_PAGE_CHUNK_LENGTH = 16L << 20;

    private static final VarHandle SLOT = ValueLayout.JAVA_LONG.varHandle();

    private final Arena arena;
    private final MemorySegment[] chunks = new MemorySegment[CHUNK_COUNT];

    BucketArray(Arena arena) {
        this.arena = arena;
    }

    /** Makes sure that a bucket has memory. Its slots are empty when it is new. */
    void ensure(int bucket) {
        int chunk = chunk(bucket);
        if (chunks[chunk] == null) {
            long buckets = chunk == 0 ? FIRST_CHUNK_BUCKETS : firstOf(chunk);
            MemorySegment memory = Memory.allocate(buckets << BUCKET_SHIFT, arena);
            if (memory.byteSize() >= HUGE_PAGE_CHUNK_LENGTH) {
                Memory.adviseHugePages(memory);
            }
            chunks[chunk] = memory;
        }
    }

    /** The memory that a bucket lies in. */
    MemorySegment memory(int bucket) {
        return chunks[chunk(bucket)];
    }

    /** The offset of a bucket in its memory. */
    static long offset(int bucket) {
        return (long) (bucket - firstOf(chunk(bucket))) << BUCKET_SHIFT;
    }

    static long slot(MemorySegment memory, long bucketOffset, int index) {
        return memory.get(ValueLayout.JAVA_LONG, bucketOffset + ((long) index << SLOT_SHIFT));
    }

    static void slot(MemorySegment memory, long bucketOffset, int index, long slot) {
        SLOT.setRelease(memory, bucketOffset + ((long) index << SLOT_SHIFT), slot);
    }

    /** A bit for each slot of a bucket that may stand for a key with these tag bits. */
    static int candidates(MemorySegment memory, long bucketOffset, long wanted) {
        int candidates = 0;
        for (int index = 0; index < SLOTS; index++) {
            candidates |= Slot.mayMatch(slot(memory, bucketOffset, index), wanted) << index;
        }
        return candidates;
    }

    private static int chunk(int bucket) {
        return Math.max(0, LEADING_ZEROS_OF_FIRST - Integer.numberOfLeadingZeros(bucket));
    }

    private static int firstOf(int chunk) {
        return chunk == 0 ? 0 : FIRST_CHUNK_BUCKETS << chunk - 1;
    }
}
