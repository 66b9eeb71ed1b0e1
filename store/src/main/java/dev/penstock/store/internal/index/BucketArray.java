package dev.penstock.store.internal.index;

import dev.penstock.store.internal.event.FlightRecording;
import dev.penstock.store.internal.event.IndexGrowthEvent;
import dev.penstock.store.internal.io.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * For each stripe an array of 64-byte buckets of eight slots that grows in place: each chunk of memory is as large as all
 * before it, so nothing is ever copied and a bucket's chunk follows from the leading zeros of its number. The stripes are
 * interleaved page by page (see {@link DirectoryPages}): they grow in step, so that the memory is filled from its
 * beginning, huge pages waste nothing, readers go through a handful of hot objects, and a stripe is still copied in
 * pieces of a page.
 *
 * <p>A bucket's slots mean nothing until its stripe makes them {@linkplain #empty empty} and counts the bucket as its own.
 *
 * <p>A stripe's writer grows; any thread reads buckets below a number that was published after they were made.
 */
final class BucketArray {

    static final int SLOTS = 8;
    static final int LAST_SLOT = SLOTS - 1;
    static final int FIRST_CHUNK_BUCKETS = DirectoryPages.BUCKETS_PER_PAGE;

    private static final int STRIPE_SHIFT = Integer.numberOfTrailingZeros(KeyDirectory.STRIPE_COUNT);
    private static final int BUCKET_SHIFT = 6;
    private static final int SLOT_SHIFT = 3;
    private static final int BUCKETS_PER_PAGE_SHIFT = Integer.numberOfTrailingZeros(DirectoryPages.BUCKETS_PER_PAGE);
    private static final int PAGE_SHIFT = BUCKETS_PER_PAGE_SHIFT + BUCKET_SHIFT;
    private static final int IN_PAGE_MASK = DirectoryPages.BUCKETS_PER_PAGE - 1;
    private static final int LEADING_ZEROS_OF_FIRST = Integer.SIZE - BUCKETS_PER_PAGE_SHIFT;
    private static final long HUGE_PAGE_LENGTH = 2L << 20;

    private static final VarHandle SLOT = ValueLayout.JAVA_LONG.varHandle();

    private final Arena arena;
    private final MemorySegment[] chunks = new MemorySegment[DirectoryPages.CHUNK_COUNT];

    BucketArray(Arena arena) {
        this.arena = arena;
    }

    /** Makes sure that a bucket has memory. */
    synchronized void ensure(int bucket) {
        int chunk = chunk(bucket);
        if (chunks[chunk] == null) {
            IndexGrowthEvent growth = FlightRecording.isOn() ? IndexGrowthEvent.start() : null;
            MemorySegment memory = Memory.allocate(DirectoryPages.chunkLength(chunk), arena);
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

    /** Takes memory that holds the buckets of a chunk already. */
    synchronized void adopt(int chunk, MemorySegment memory) {
        chunks[chunk] = memory;
    }

    /** The memory that a bucket lies in. */
    MemorySegment memory(int bucket) {
        return chunks[chunk(bucket)];
    }

    /** The memory that a bucket lies in, if the bucket is one at all: null otherwise. */
    MemorySegment memoryIfAny(int bucket) {
        return bucket < 0 ? null : memory(bucket);
    }

    /** The offset of a stripe's bucket in its memory. */
    static long offset(int stripe, int bucket) {
        int chunk = chunk(bucket);
        int inChunk = chunk == 0 ? bucket : bucket - bucketsIn(chunk);
        long page = ((long) (inChunk >>> BUCKETS_PER_PAGE_SHIFT) << STRIPE_SHIFT) + stripe;
        return (page << PAGE_SHIFT) + ((long) (inChunk & IN_PAGE_MASK) << BUCKET_SHIFT);
    }

    /** Copies the first pages of a stripe. */
    void copyPages(int stripe, int pageCount, MemorySegment target, long targetOffset) {
        for (int page = 0; page < pageCount; page++) {
            int bucket = page << BUCKETS_PER_PAGE_SHIFT;
            MemorySegment.copy(
                    memory(bucket),
                    offset(stripe, bucket),
                    target,
                    targetOffset + ((long) page << PAGE_SHIFT),
                    DirectoryPages.PAGE_LENGTH);
        }
    }

    /** Fills a page of a stripe, making it if need be. */
    void takePage(int stripe, int page, MemorySegment content) {
        int bucket = page << BUCKETS_PER_PAGE_SHIFT;
        ensure(bucket);
        MemorySegment.copy(content, 0, memory(bucket), offset(stripe, bucket), DirectoryPages.PAGE_LENGTH);
    }

    /** Empties a bucket that is not in use. */
    static void empty(MemorySegment memory, long bucketOffset) {
        for (int index = 0; index < SLOTS; index++) {
            slot(memory, bucketOffset, index, Slot.EMPTY);
        }
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
