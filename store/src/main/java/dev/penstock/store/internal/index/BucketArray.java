package dev.penstock.store.internal.index;

import dev.penstock.store.internal.event.FlightRecording;
import dev.penstock.store.internal.event.IndexGrowthEvent;
import dev.penstock.store.internal.io.Memory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * For each stripe an array of 64-byte buckets of eight slots that grows in place: each chunk of memory is as large as all
 * before it, so nothing is ever copied and a bucket's chunk follows from the leading zeros of its number. The stripes are
 * interleaved: buckets of the same number lie side by side. They grow in step, so that the memory is filled from its
 * beginning, huge pages waste nothing, and readers go through a handful of hot objects.
 *
 * <p>A stripe's writer grows; any thread reads buckets below a number that was published after they were made.
 */
final class BucketArray {

    static final int SLOTS = 8;
    static final int LAST_SLOT = SLOTS - 1;
    static final int FIRST_CHUNK_BUCKETS = 64;

    private static final int STRIPE_SHIFT = Integer.numberOfTrailingZeros(KeyDirectory.STRIPE_COUNT);
    private static final int BUCKET_SHIFT = 6;
    private static final int SLOT_SHIFT = 3;
    private static final int FIRST_CHUNK_SHIFT = Integer.numberOfTrailingZeros(FIRST_CHUNK_BUCKETS);
    private static final int CHUNK_COUNT = Integer.SIZE - FIRST_CHUNK_SHIFT;
    private static final int LEADING_ZEROS_OF_FIRST = Integer.SIZE - FIRST_CHUNK_SHIFT;
    private static final long HUGE_PAGE_LENGTH = 2L << 20;

    private static final VarHandle SLOT = ValueLayout.JAVA_LONG.varHandle();

    private final Arena arena;
    private final MemorySegment[] chunks = new MemorySegment[CHUNK_COUNT];

    BucketArray(Arena arena) {
        this.arena = arena;
    }

    /** Makes sure that a bucket has memory. Its slots are empty when it is new. */
    synchronized void ensure(int bucket) {
        int chunk = chunk(bucket);
        if (chunks[chunk] == null) {
            int buckets = bucketsIn(chunk);
            IndexGrowthEvent growth = FlightRecording.isOn() ? IndexGrowthEvent.start() : null;
            MemorySegment memory = Memory.allocate((long) buckets << STRIPE_SHIFT + BUCKET_SHIFT, arena);
            if (memory.byteSize() >= HUGE_PAGE_LENGTH) {
                Memory.adviseHugePages(memory);
            }
            chunks[chunk] = memory;
            if (growth != null) {
                growth.bytes = memory.byteSize();
                growth.commit();
            }
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
        return ((long) inChunk << STRIPE_SHIFT) + stripe << BUCKET_SHIFT;
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

    /** Passes on all buckets of all stripes below a number, making them if need be. */
    void transfer(int bucketCount, DirectoryImage image) throws IOException {
        for (int first = 0; first < bucketCount; ) {
            ensure(first);
            int chunk = chunk(first);
            int inChunk = Math.min(bucketsIn(chunk), bucketCount - first);
            image.transfer(chunks[chunk].asSlice(0, (long) inChunk << STRIPE_SHIFT + BUCKET_SHIFT));
            first += inChunk;
        }
    }

    private static int chunk(int bucket) {
        return Math.max(0, LEADING_ZEROS_OF_FIRST - Integer.numberOfLeadingZeros(bucket));
    }

    /** Buckets of one stripe in a chunk. From the second chunk on, that is also how many lie before it. */
    private static int bucketsIn(int chunk) {
        return FIRST_CHUNK_BUCKETS << Math.max(0, chunk - 1);
    }
}
