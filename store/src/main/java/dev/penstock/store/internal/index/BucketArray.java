package dev.penstock.store.internal.index;

import dev.penstock.store.internal.event.FlightRecording;
import dev.penstock.store.internal.event.IndexGrowthEvent;
import dev.penstock.store.internal.io.NativeMemory;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.io.RawMemory;
import dev.penstock.store.internal.io.ReadableRange;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * For each stripe an array of 64-byte buckets of eight slots that grows in place: each chunk of memory is as large as
 * all before it, so nothing is ever copied and a bucket's chunk follows from the leading zeros of its number. The
 * stripes are interleaved page by page (see {@link DirectoryPages}): they grow in step, so that the memory is filled
 * from its beginning, huge pages waste nothing, readers go through a handful of hot objects, and a stripe is still
 * copied in pieces of a page.
 *
 * <p>The slots of a bucket have no meaning until its stripe {@linkplain #empty empties} them and takes the bucket into
 * use.
 *
 * <p>A stripe's writer grows the array; any thread reads buckets below a number that was published after they were
 * allocated.
 */
final class BucketArray {

    static final int SLOTS = 8;
    static final int LAST_SLOT = SLOTS - 1;
    /** In place of the index of a slot. */
    static final int NONE = -1;

    static final int FIRST_CHUNK_BUCKETS = DirectoryPages.BUCKETS_PER_PAGE;

    private static final int STRIPE_SHIFT = Integer.numberOfTrailingZeros(KeyDirectory.STRIPE_COUNT);
    private static final int BUCKET_SHIFT = 6;
    private static final int SLOT_SHIFT = 3;
    private static final int BUCKETS_PER_PAGE_SHIFT = Integer.numberOfTrailingZeros(DirectoryPages.BUCKETS_PER_PAGE);
    private static final int PAGE_SHIFT = BUCKETS_PER_PAGE_SHIFT + BUCKET_SHIFT;
    private static final int IN_PAGE_MASK = DirectoryPages.BUCKETS_PER_PAGE - 1;
    private static final int BYTE_SHIFT = 3;
    private static final long LOWEST_BITS = 0x0101010101010101L;
    private static final long HIGHEST_BITS = LOWEST_BITS << Byte.SIZE - 1;

    private static final VarHandle SLOT = ValueLayout.JAVA_LONG.varHandle();
    private static final VarHandle READ_SLOT = ValueLayout.JAVA_LONG_UNALIGNED.varHandle();

    /**
     * A bucket. To read a slot as a part of it asks whether the whole is in bounds, which is the same question for all
     * eight, so that a compiled reader asks it once. A handle for each, since only constants are compiled to a load.
     */
    private static final MemoryLayout BUCKET = MemoryLayout.sequenceLayout(SLOTS, ValueLayout.JAVA_LONG_UNALIGNED);

    private static final VarHandle SLOT_0 = slotOfBucket(0);
    private static final VarHandle SLOT_1 = slotOfBucket(1);
    private static final VarHandle SLOT_2 = slotOfBucket(2);
    private static final VarHandle SLOT_3 = slotOfBucket(3);
    private static final VarHandle SLOT_4 = slotOfBucket(4);
    private static final VarHandle SLOT_5 = slotOfBucket(5);
    private static final VarHandle SLOT_6 = slotOfBucket(6);
    private static final VarHandle SLOT_7 = slotOfBucket(7);

    private final Arena arena;
    private final IndexMemory source;
    private final MemorySegment[] chunks = new MemorySegment[DirectoryPages.CHUNK_COUNT];
    /** Addresses for all chunks, one behind the other; null before there is a chunk, and where there are none. */
    private @Nullable ReadableRange range;
    /** Whether addresses were requested, or are not needed since not all chunks will have them. */
    private boolean rangeDecided;
    /** Of the range; 0 if there is none, or not all chunks are in it. */
    private volatile long address;
    /** Mask of the bucket numbers in the range. A reader that sees the address sees this too. */
    private int bucketMask;

    BucketArray(Arena arena, IndexMemory source) {
        this.arena = arena;
        this.source = source;
    }

    /**
     * The address of the first bucket where all buckets lie in a {@link ReadableRange}; 0 otherwise. A reader asks for
     * it after the number of buckets.
     */
    long address() {
        return address;
    }

    /** Where a stripe's bucket lies from {@link #address} on. In the range whatever the number. */
    long rangeOffset(int stripe, int bucket) {
        long place = bucket & bucketMask;
        return (place >>> BUCKETS_PER_PAGE_SHIFT << STRIPE_SHIFT + PAGE_SHIFT)
                + ((long) stripe << PAGE_SHIFT)
                + ((place & IN_PAGE_MASK) << BUCKET_SHIFT);
    }

    /** Gives the addresses back, when the memory in them is no longer used. */
    synchronized void release() {
        rangeDecided = true;
        address = 0;
        if (range != null) {
            range.release();
            range = null;
        }
    }

    /** Addresses are requested when there is something to put there: a directory that is a mapped image needs none. */
    private void decideRange() {
        if (!rangeDecided) {
            rangeDecided = true;
            range = source.reserve();
            if (range != null) {
                bucketMask = (int) (range.length() >>> BUCKET_SHIFT + STRIPE_SHIFT) - 1;
                address = range.address();
            }
        }
    }

    private static VarHandle slotOfBucket(int index) {
        return BUCKET.varHandle(MemoryLayout.PathElement.sequenceElement(index));
    }

    /**
     * Makes sure that a bucket has memory.
     *
     * @throws dev.penstock.store.StoreFullException if there is none; nothing is changed then
     */
    void ensure(int bucket) {
        int chunk = chunk(bucket);
        if (chunks[chunk] == null) {
            add(chunk);
        }
    }

    /** Makes sure that all buckets from one to another have memory, both included. */
    void ensure(int first, int last) {
        for (int chunk = chunk(first); chunk <= chunk(last); chunk++) {
            if (chunks[chunk] == null) {
                add(chunk);
            }
        }
    }

    private synchronized void add(int chunk) {
        if (chunks[chunk] == null) {
            IndexGrowthEvent growth = FlightRecording.isOn() ? IndexGrowthEvent.start() : null;
            MemorySegment memory = allocate(chunk);
            chunks[chunk] = memory;
            if (growth != null) {
                growth.bytes = memory.byteSize();
                growth.commit();
            }
        }
    }

    /** Memory for a chunk, in huge pages if it is long enough. */
    synchronized MemorySegment allocate(int chunk) {
        decideRange();
        long length = DirectoryPages.chunkLength(chunk);
        long place = place(chunk);
        MemorySegment memory;
        if (range != null && place + length <= range.length()) {
            memory = source.requireIn(range, place, length, arena);
        } else {
            address = 0;
            memory = source.require(length, arena);
        }
        if (memory.byteSize() >= NativeMemory.HUGE_PAGE_LENGTH) {
            NativeMemory.adviseHugePages(memory);
        }
        return memory;
    }

    /** Makes sure that so many pages of each stripe have memory, and adds the parts of it that they are. */
    void reserve(int pageCount, List<MemorySegment> parts) {
        for (int chunk = 0; chunk < chunks.length && DirectoryPages.firstPage(chunk) < pageCount; chunk++) {
            int first = DirectoryPages.firstPage(chunk);
            ensure(first << BUCKETS_PER_PAGE_SHIFT);
            long rows = Math.min(pageCount - first, DirectoryPages.rowCount(chunk));
            parts.add(chunks[chunk].asSlice(0, rows * DirectoryPages.ROW_LENGTH));
        }
    }

    /**
     * Copies the first pages of a stripe to another array.
     *
     * @throws InternalError if one of them is lost; at once, so that the copy is never taken for whole
     */
    void copyPages(int stripe, int pageCount, BucketArray target) {
        for (int page = 0; page < pageCount; page++) {
            int bucket = page << BUCKETS_PER_PAGE_SHIFT;
            long offset = offset(stripe, bucket);
            target.ensure(bucket);
            MemorySegment.copy(memory(bucket), offset, target.memory(bucket), offset, DirectoryPages.PAGE_LENGTH);
        }
        PageFaults.deliver();
    }

    /** Where a chunk lies in the range. */
    private static long place(int chunk) {
        return (long) DirectoryPages.firstPage(chunk) * DirectoryPages.ROW_LENGTH;
    }

    /**
     * Takes memory that holds the buckets of a chunk already: {@linkplain #allocate allocated} here, or elsewhere.
     * Before anyone reads. Once a chunk lies elsewhere, nothing is read by address, and no addresses are held.
     */
    synchronized void adopt(int chunk, MemorySegment memory) {
        chunks[chunk] = null;
        if (range == null || memory.address() != range.address() + place(chunk)) {
            leaveRange();
        }
        chunks[chunk] = memory;
    }

    private void leaveRange() {
        rangeDecided = true;
        address = 0;
        ReadableRange unused = range;
        if (unused != null && !isUsed(unused)) {
            unused.release();
            range = null;
        }
    }

    private boolean isUsed(ReadableRange range) {
        for (MemorySegment chunk : chunks) {
            if (isIn(range, chunk)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isIn(ReadableRange range, @Nullable MemorySegment chunk) {
        return chunk != null && Long.compareUnsigned(chunk.address() - range.address(), range.length()) < 0;
    }

    /** The memory that a bucket lies in. */
    MemorySegment memory(int bucket) {
        return chunks[chunk(bucket)];
    }

    /** The memory that a bucket lies in, if the bucket is one at all: null otherwise. */
    @Nullable
    MemorySegment memoryIfAny(int bucket) {
        return bucket < 0 ? null : memory(bucket);
    }

    /** The offset of a stripe's bucket in its memory. */
    static long offset(int stripe, int bucket) {
        int page = bucket >>> BUCKETS_PER_PAGE_SHIFT;
        long row = page ^ Integer.highestOneBit(page);
        return ((row << STRIPE_SHIFT) + stripe << PAGE_SHIFT) + ((long) (bucket & IN_PAGE_MASK) << BUCKET_SHIFT);
    }

    /**
     * Copies a page of a stripe.
     *
     * @throws InternalError if it is lost; at once, so that it never counts as copied
     */
    void copyPage(int stripe, int page, MemorySegment target, long targetOffset) {
        int bucket = page << BUCKETS_PER_PAGE_SHIFT;
        MemorySegment.copy(memory(bucket), offset(stripe, bucket), target, targetOffset, DirectoryPages.PAGE_LENGTH);
        PageFaults.deliver();
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

    /**
     * Copies all slots of a bucket. Not each slot is read as a whole, so the caller holds the lock of the stripe.
     *
     * @param slots of {@link #SLOTS} elements
     */
    static void copy(MemorySegment memory, long bucketOffset, long[] slots) {
        MemorySegment.copy(memory, ValueLayout.JAVA_LONG, bucketOffset, slots, 0, SLOTS);
    }

    /**
     * Copies all slots of several buckets of a page.
     *
     * @param slots of {@link #SLOTS} elements for each bucket
     */
    static void copy(MemorySegment memory, long bucketOffset, long[] slots, int bucketCount) {
        MemorySegment.copy(memory, ValueLayout.JAVA_LONG, bucketOffset, slots, 0, bucketCount * SLOTS);
    }

    /** Always aligned, and so read as a whole; the layout that says nothing of it spares the check. */
    static long slot(MemorySegment memory, long bucketOffset, int index) {
        return (long) READ_SLOT.get(memory, bucketOffset + ((long) index << SLOT_SHIFT));
    }

    static void slot(MemorySegment memory, long bucketOffset, int index, long slot) {
        SLOT.setRelease(memory, bucketOffset + ((long) index << SLOT_SHIFT), slot);
    }

    /**
     * Which slots of a bucket have a tag: the highest bit of byte n stands for slot n. Empty slots and, seldom, one
     * with another tag are among them; a slot that has the tag is never missing. Without a branch, which nobody could
     * predict: the tags are gathered in one word, and its bytes that are zero are found all at once (Mycroft, 1987).
     */
    static long candidates(MemorySegment memory, long bucketOffset, long wanted) {
        long tags = 0;
        tags = Slot.shiftIn(tags, (long) SLOT_0.get(memory, bucketOffset), wanted);
        tags = Slot.shiftIn(tags, (long) SLOT_1.get(memory, bucketOffset), wanted);
        tags = Slot.shiftIn(tags, (long) SLOT_2.get(memory, bucketOffset), wanted);
        tags = Slot.shiftIn(tags, (long) SLOT_3.get(memory, bucketOffset), wanted);
        tags = Slot.shiftIn(tags, (long) SLOT_4.get(memory, bucketOffset), wanted);
        tags = Slot.shiftIn(tags, (long) SLOT_5.get(memory, bucketOffset), wanted);
        tags = Slot.shiftIn(tags, (long) SLOT_6.get(memory, bucketOffset), wanted);
        tags = Slot.shiftIn(tags, (long) SLOT_7.get(memory, bucketOffset), wanted);
        return tags - LOWEST_BITS & ~tags & HIGHEST_BITS;
    }

    /** Whether one of a bucket's slots stands for the record at a position. Without a branch, like the above. */
    @SuppressWarnings("ShortCircuitBoolean") // each would be a branch
    static boolean holds(MemorySegment memory, long bucketOffset, long position) {
        return Slot.isAt((long) SLOT_0.get(memory, bucketOffset), position)
                | Slot.isAt((long) SLOT_1.get(memory, bucketOffset), position)
                | Slot.isAt((long) SLOT_2.get(memory, bucketOffset), position)
                | Slot.isAt((long) SLOT_3.get(memory, bucketOffset), position)
                | Slot.isAt((long) SLOT_4.get(memory, bucketOffset), position)
                | Slot.isAt((long) SLOT_5.get(memory, bucketOffset), position)
                | Slot.isAt((long) SLOT_6.get(memory, bucketOffset), position)
                | Slot.isAt((long) SLOT_7.get(memory, bucketOffset), position);
    }

    /**
     * Which slot of a bucket stands for the record at a position; {@link #NONE} if none does.
     *
     * @param bucketAddress in the range of the array
     */
    static int indexOf(long bucketAddress, long position) {
        long at = bucketAddress & RawMemory.ADDRESSES;
        for (int index = 0; index < SLOTS; index++) {
            if (Slot.isAt(RawMemory.getLong(at + ((long) index << SLOT_SHIFT)), position)) {
                return index;
            }
        }
        return NONE;
    }

    /** Reads something of every page. */
    long touchAll() {
        long touched = 0;
        for (MemorySegment chunk : chunks) {
            for (long at = 0; chunk != null && at < chunk.byteSize(); at += DirectoryPages.PAGE_LENGTH) {
                touched += slot(chunk, at, 0);
            }
        }
        return touched;
    }

    /** Reads something of a bucket. */
    static long touch(MemorySegment memory, long bucketOffset) {
        return (long) SLOT_0.get(memory, bucketOffset);
    }

    /** Where the record of a key seems to be, by the tag alone; 0 if nowhere in this bucket. */
    static long likelyPosition(MemorySegment memory, long bucketOffset, long hash) {
        long candidates = candidates(memory, bucketOffset, Slot.wanted(hash));
        if (candidates == 0) {
            return 0;
        }
        long slot = slot(memory, bucketOffset, first(candidates));
        return slot > 0 ? Slot.position(slot) : 0;
    }

    /** The slot that the lowest of some candidates stands for. */
    static int first(long candidates) {
        return Long.numberOfTrailingZeros(candidates) >>> BYTE_SHIFT;
    }

    private static int chunk(int bucket) {
        return DirectoryPages.chunk(bucket >>> BUCKETS_PER_PAGE_SHIFT);
    }
}
