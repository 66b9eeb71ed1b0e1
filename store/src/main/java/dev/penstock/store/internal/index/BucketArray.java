package dev.penstock.store.internal.index;

import dev.penstock.store.internal.io.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * For each stripe an array of 64-byte buckets of eight slots that grows in place: each chunk of memory is as large as all
 * before it, so nothing is ever copied and a bucket's chunk follows from the leading zeros of its number. A chunk is one
 * piece of memory for all stripes, which grow in step, so that readers go through a handful of hot objects; its memory
 * takes no room before it is touched.
 *
 * <p>A stripe's writer grows; any thread reads buckets below a number that was published after they were made.
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
    /** A stripe's part of a chunk below this size shares huge pages with others, and they would all be touched at once. */
    private static final int HUGE_PAGE_BUCKETS = 1 << 16;

    private static final VarHandle SLOT = ValueLayout.JAVA_LONG.varHandle();

    private final int stripeCount;
    private final Arena arena;
    private final MemorySegment[] chunks = new MemorySegment[CHUNK_COUNT];

    BucketArray(int stripeCount, Arena arena) {
        this.stripeCount = stripeCount;
        this.arena = arena;
    }

    /** Makes sure that a bucket has memory. Its slots are empty when it is new. */
    synchronized void ensure(int bucket) {
        int chunk = chunk(bucket);
        if (chunks[chunk] == null) {
            int buckets = bucketsIn(chunk);
            MemorySegment memory = Memory.allocate((long) stripeCount * buckets << BUCKET_SHIFT, arena);
            if (buckets >= HUGE_PAGE_BUCKETS) {
                Memory.adviseHugePages(memory);
            }
            chunks[chunk] = memory;
        }
    }

    /** The memory that a bucket lies in. */
    MemorySegment memory(int bucket) {
        return chunks[chunk(bucket)];
    }

    /** The offset of a stripe's bucket in its memory. */
    static long offset(int stripe, int bucket) {
        int chunk = chunk(bucket);
        int buckets = bucketsIn(chunk);
        int inChunk = chunk == 0 ? bucket : bucket - buckets;
        return (long) stripe * buckets + inChunk << BUCKET_SHIFT;
    }

    /** Always aligned, and so read as a whole; the layout that says nothing of it spares the check. */
    static long slot(MemorySegment memory, long bucketOffset, int index) {
        return memory.get(ValueLayout.JAVA_LONG_UNALIGNED, bucketOffset + ((long) index << SLOT_SHIFT));
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

    /** Buckets of one stripe in a chunk. From the second chunk on, that is also how many lie before it. */
    private static int bucketsIn(int chunk) {
        return FIRST_CHUNK_BUCKETS << Math.max(0, chunk - 1);
    }
}
