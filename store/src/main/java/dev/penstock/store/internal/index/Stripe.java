package dev.penstock.store.internal.index;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.StoreFailedException;
import dev.penstock.store.internal.format.CheckpointHeader;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.agrona.collections.IntArrayList;
import org.agrona.collections.LongArrayList;
import org.jspecify.annotations.Nullable;

/**
 * One stripe of the key directory: a linear hash table (Litwin, 1980) of 64-byte buckets with overflow buckets.
 *
 * <p><b>Growth.</b> Before every few inserts one bucket is split in two: its slots are distributed by one more hash
 * bit. The table is always as large as its keys need, and no operation does more than one split.
 *
 * <p><b>Overflow.</b> The last slot of a full bucket becomes a link to an overflow bucket. At the load kept here about
 * one key in ten lies behind a link.
 *
 * <p><b>Space.</b> Everything that can fail, allocation and reading records, is in {@link #reserve}; an insert with
 * reserved space cannot fail. A writer therefore reserves before its record counts in the log.
 *
 * <p><b>Threading.</b> Writers hold the stripe's lock, which also makes operations on a key atomic. Readers take no
 * lock. A slot is stored and read as one long, so a reader sees an old record or a new one. Inserting, replacing and
 * removing each change one slot (an insert that adds an overflow bucket fills it first and links it last). Only a split
 * moves slots between buckets; it makes {@code version} odd while it does. A found key is always correct, because its
 * record is compared. If a key is not found, the lookup is repeated unless the version was even and is unchanged. A
 * reader that follows a link into a bucket that was freed and reused finds records that do not match, and the version
 * has changed. The same holds when the stripe has moved to other memory: a reader of the old memory sees the stripe as
 * it was, in a call that began before, and fails when that memory is released. The callers take the lock, one or
 * several, so it cannot be stated as {@code @GuardedBy}.
 *
 * <p><b>Several keys.</b> {@code changeCount} is odd while one key, or several that change together, are pointed at new
 * records. A reader that finds the same even count before and after its reads has read one state; see {@link
 * StripeSet}.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // one writer at a time: the one that holds the lock
final class Stripe {

    /** Keys per bucket to keep to: 64 bytes / 5.6 and the overflow buckets make some 13 bytes a key. */
    private static final double KEYS_PER_BUCKET = 5.6;

    /** No chain is nearly that long; a reader on a chain that is being rebuilt must not circle in it. */
    private static final int MAX_CHAIN = 1 << 10;

    private static final VarHandle CHANGE_COUNT;

    static {
        try {
            CHANGE_COUNT = MethodHandles.lookup().findVarHandle(Stripe.class, "changeCount", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final int number;
    private final RecordKeys records;
    private volatile BucketArray buckets;
    private volatile BucketArray overflow;
    private final IntArrayList freeOverflow = new IntArrayList();
    private final LongArrayList chain = new LongArrayList();
    private int chainLinkCount;
    private volatile int overflowCount;
    private volatile int bucketCount = BucketArray.FIRST_CHUNK_BUCKETS;
    private volatile long keyCount;
    private volatile long expiringCount;
    private volatile int version;
    private int changeCount;
    private int changeDepth; // of the thread that changes
    /** Whether a change that moves slots was cut short. */
    private volatile boolean broken;
    /** The copy under way. */
    private @Nullable StripeImage copy;

    Stripe(int number, BucketArray buckets, BucketArray overflow, RecordKeys records) {
        this.number = number;
        this.buckets = buckets;
        this.overflow = overflow;
        this.records = records;
    }

    ReentrantLock lock() {
        return lock;
    }

    long keyCount() {
        return keyCount;
    }

    long expiringCount() {
        return expiringCount;
    }

    long bytes() {
        return (long) (bucketCount + overflowCount) * BucketArray.SLOTS * Long.BYTES;
    }

    int bucketCount() {
        return bucketCount;
    }

    int overflowCount() {
        return overflowCount;
    }

    /** Pages of its buckets and overflow buckets. */
    int pages() {
        return DirectoryPages.pageCount(bucketCount) + DirectoryPages.pageCount(overflowCount);
    }

    // --- as a whole; the caller holds the lock, or is alone ---

    /** Begins a copy of the stripe as it is. Until {@link #endCopy}, writers keep a page before they change it. */
    void beginCopy(StripeImage image) {
        image.begin(new StripeShape(bucketCount, overflowCount, keyCount, expiringCount, freeOverflow.toIntArray()));
        copy = image;
    }

    /** Copies some more pages; whether all are copied. */
    boolean copyMore(int pageCount) {
        StripeImage image = copy;
        return image == null || image.copyMore(pageCount, number, buckets, overflow);
    }

    /** The copy is complete, or given up. */
    void endCopy() {
        copy = null;
    }

    /** A bucket is about to change. */
    private void keepBucket(int bucket) {
        StripeImage image = copy;
        if (image != null) {
            image.keep(false, bucket / DirectoryPages.BUCKETS_PER_PAGE, number, buckets);
        }
    }

    private void keepOverflow(int bucket) {
        StripeImage image = copy;
        if (image != null) {
            image.keep(true, bucket / DirectoryPages.BUCKETS_PER_PAGE, number, overflow);
        }
    }

    /** Takes the shape that its buckets, which are in memory already, were copied with. */
    void copyFrom(StripeImage image) {
        StripeShape shape = image.shape();
        for (int page = 0; page < shape.pageCount(); page++) {
            buckets.takePage(number, page, image.page(page));
        }
        for (int page = 0; page < shape.overflowPageCount(); page++) {
            overflow.takePage(number, page, image.overflowPage(page));
        }
        restore(shape);
    }

    void restore(StripeShape shape) {
        bucketCount = shape.bucketCount();
        overflowCount = shape.overflowCount();
        keyCount = shape.keyCount();
        expiringCount = shape.expiringCount();
        freeOverflow.clear();
        for (int free : shape.freeOverflow()) {
            freeOverflow.addInt(free);
        }
    }

    /** Goes on in other memory. */
    void moveTo(BucketArray newBuckets, BucketArray newOverflow) {
        buckets.copyPages(number, DirectoryPages.pageCount(bucketCount), newBuckets);
        overflow.copyPages(number, DirectoryPages.pageCount(overflowCount), newOverflow);
        version++;
        buckets = newBuckets;
        overflow = newOverflow;
        version++;
    }

    /** Shows the position of every key's record. */
    void forEachPosition(LongConsumer visitor) {
        forEachPosition(buckets, bucketCount, visitor);
        forEachPosition(overflow, overflowCount, visitor);
    }

    private void forEachPosition(BucketArray array, int count, LongConsumer visitor) {
        for (int bucket = 0; bucket < count; bucket++) {
            MemorySegment memory = array.memory(bucket);
            long offset = BucketArray.offset(number, bucket);
            for (int index = 0; index < BucketArray.SLOTS; index++) {
                long slot = BucketArray.slot(memory, offset, index);
                if (slot > 0) {
                    visitor.accept(Slot.position(slot));
                }
            }
        }
    }

    // --- what changes together ---

    /** A change begins; it may be a part of another. By the only thread that changes the stripe. */
    void beginChange() {
        if (changeDepth++ == 0) {
            CHANGE_COUNT.setOpaque(this, changeCount + 1); // slots are stored with release, so this is seen first
        }
    }

    void endChange() {
        if (--changeDepth == 0) {
            CHANGE_COUNT.setRelease(this, changeCount + 1);
        }
    }

    /** Odd while something changes. What is read after it is not older. */
    int changeCountAcquire() {
        return (int) CHANGE_COUNT.getAcquire(this);
    }

    /** Forgets every key. */
    void clear() {
        copyMore(Integer.MAX_VALUE); // a copy under way is of the moment before
        version++;
        bucketCount = BucketArray.FIRST_CHUNK_BUCKETS;
        for (int bucket = 0; bucket < BucketArray.FIRST_CHUNK_BUCKETS; bucket++) {
            BucketArray.empty(buckets.memory(bucket), BucketArray.offset(number, bucket));
        }
        overflowCount = 0;
        freeOverflow.clear();
        keyCount = 0;
        expiringCount = 0;
        version++;
    }

    // --- reading ---

    /** Position of the current record of a key; 0 if there is none. */
    long find(long hash, byte[] key, int keyOffset, int keyLength) {
        for (; ; ) {
            int before = version;
            long position = probe(bucketCount, hash, key, keyOffset, keyLength);
            if (position != 0) {
                return position;
            }
            VarHandle.loadLoadFence();
            if ((before & 1) == 0 && before == version) {
                return 0;
            }
            waitForSplit();
        }
    }

    /** A split ends soon, unless it was cut short: then nobody can say that a key is not there. */
    private void waitForSplit() {
        if (broken) {
            throw new StoreFailedException("the key directory is incomplete: close the store and open it again", null);
        }
        Thread.onSpinWait();
    }

    private long probe(int count, long hash, byte[] key, int keyOffset, int keyLength) {
        int level = level(count, hash);
        int bucket = bucket(hash, level);
        long wanted = Slot.wanted(hash);
        MemorySegment memory = buckets.memory(bucket);
        long offset = BucketArray.offset(number, bucket);
        for (int step = 0; step < MAX_CHAIN; step++) {
            long candidates = BucketArray.candidates(memory, offset, wanted);
            while (candidates != 0) {
                long slot = BucketArray.slot(memory, offset, BucketArray.first(candidates));
                if (Slot.agrees(slot, hash, level) && records.matches(Slot.position(slot), key, keyOffset, keyLength)) {
                    return Slot.position(slot);
                }
                candidates &= candidates - 1;
            }
            long last = BucketArray.slot(memory, offset, BucketArray.LAST_SLOT);
            if (!Slot.isLink(last)) {
                return 0;
            }
            memory = overflow.memoryIfAny(Slot.linked(last));
            if (memory == null) {
                break;
            }
            offset = BucketArray.offset(number, Slot.linked(last));
        }
        throw new StaleLocationException();
    }

    /**
     * Position of the record of a key, or of one with the same bits of the hash, to be compared; 0 if there is none, or
     * {@link KeyDirectory#UNDECIDED}. What a lookup seldom meets is left to {@link #find}, such as a chain that is
     * being changed.
     */
    long findCandidate(long hash) {
        int before = version;
        int count = bucketCount;
        BucketArray array = buckets;
        long base = array.address();
        if (base == 0) {
            return KeyDirectory.UNDECIDED;
        }
        int mask = mask(count, hash);
        int level = Integer.bitCount(mask);
        long found = RecordProbe.find(base + array.rangeOffset(number, (int) hash & mask), hash, level);
        return found > 0 ? found : missedByAddress(found, before, hash, level);
    }

    /** The address of the bucket that a hash has at this moment; 0 if it has none. */
    long bucketAddress(long hash) {
        int count = bucketCount;
        BucketArray array = buckets;
        long base = array.address();
        return base == 0 ? 0 : base + array.rangeOffset(number, (int) hash & mask(count, hash));
    }

    /** Nothing in the first bucket: its overflow buckets, if it has any. */
    private long missedByAddress(long outcome, int before, long hash, int level) {
        BucketArray array = overflow;
        long found = outcome;
        for (int step = 0; Slot.isLink(found) && found != KeyDirectory.UNDECIDED; step++) {
            VarHandle.loadLoadFence(); // whether all buckets lie in the range is asked after the link to one is seen
            long base = array.address();
            if (base == 0 || step == MAX_CHAIN) {
                return KeyDirectory.UNDECIDED;
            }
            long at = base + array.rangeOffset(number, Slot.linked(found));
            found = RecordProbe.find(at, hash, level);
        }
        if (found != 0) {
            return found;
        }
        VarHandle.loadLoadFence();
        return (before & 1) == 0 && before == version ? 0 : KeyDirectory.UNDECIDED;
    }

    /** Whether a key with this hash has its record at the position: no two keys do. */
    boolean isCurrent(long hash, long position) {
        for (; ; ) {
            int before = version;
            if (holds(hash, position)) {
                return true;
            }
            VarHandle.loadLoadFence();
            if ((before & 1) == 0 && before == version) {
                return false;
            }
            waitForSplit();
        }
    }

    private boolean holds(long hash, long position) {
        int bucket = bucket(hash, level(bucketCount, hash));
        MemorySegment memory = buckets.memory(bucket);
        long offset = BucketArray.offset(number, bucket);
        for (int step = 0; step < MAX_CHAIN; step++) {
            if (BucketArray.holds(memory, offset, position)) {
                return true;
            }
            long last = BucketArray.slot(memory, offset, BucketArray.LAST_SLOT);
            if (!Slot.isLink(last)) {
                return false;
            }
            memory = overflow.memoryIfAny(Slot.linked(last));
            if (memory == null) {
                break;
            }
            offset = BucketArray.offset(number, Slot.linked(last));
        }
        throw new StaleLocationException();
    }

    /** The bucket that a hash has at this moment. */
    int bucket(long hash) {
        return bucket(hash, level(bucketCount, hash));
    }

    /** Reads something of the overflow bucket behind a bucket, if there is one. */
    long touchOverflow(MemorySegment memory, long offset) {
        long last = BucketArray.slot(memory, offset, BucketArray.LAST_SLOT);
        if (!Slot.isLink(last)) {
            return 0;
        }
        MemorySegment linked = overflow.memoryIfAny(Slot.linked(last));
        return linked == null ? 0 : BucketArray.touch(linked, BucketArray.offset(number, Slot.linked(last)));
    }

    /** The memory that a bucket lies in. */
    MemorySegment memory(int bucket) {
        return buckets.memory(bucket);
    }

    /** Where it lies there. */
    long offset(int bucket) {
        return BucketArray.offset(number, bucket);
    }

    /** How many low hash bits choose the bucket of a hash. */
    private static int level(int count, long hash) {
        return Integer.bitCount(mask(count, hash));
    }

    /**
     * The low hash bits that choose the bucket of a hash: one more where its bucket is split already. Without a branch,
     * which nobody could predict.
     */
    private static int mask(int count, long hash) {
        int whole = Integer.MAX_VALUE >>> Integer.numberOfLeadingZeros(count);
        int isSplit = ((int) hash & whole) - (count & whole) >>> Integer.SIZE - 1;
        return whole << isSplit | isSplit;
    }

    private static int bucket(long hash, int level) {
        return (int) hash & ((1 << level) - 1);
    }

    // --- writing; the caller holds the lock ---

    /** Makes room for so many more keys. */
    void reserve(int count) {
        while (keyCount + count > bucketCount * KEYS_PER_BUCKET) {
            splitNext();
        }
        int missing = count - freeOverflow.size();
        if (missing > 0) {
            overflow.ensure(overflowCount, overflowCount + missing - 1);
        }
    }

    /** Makes sure that there is memory for so many keys when there are no others. */
    void reserveAfterClear(int count) {
        buckets.ensure(0, (int) (count / KEYS_PER_BUCKET));
        overflow.ensure(0, count - 1);
    }

    void insert(long hash, long position) {
        reserve(1);
        int level = level(bucketCount, hash);
        int bucket = bucket(hash, level);
        beginChange();
        try {
            add(bucket, Slot.of(hash, level, position));
        } finally {
            endChange();
        }
        keyCount++;
    }

    boolean isBroken() {
        return broken;
    }

    /** Has a key's slot point to another record. */
    void replace(long hash, long position, long newPosition) {
        int level = level(bucketCount, hash);
        change(bucket(hash, level), Slot.wanted(hash), position, Slot.of(hash, level, newPosition));
    }

    void remove(long hash, long position) {
        change(bucket(hash, level(bucketCount, hash)), Slot.wanted(hash), position, Slot.EMPTY);
        keyCount--;
    }

    void addExpiring(long delta) {
        expiringCount += delta;
    }

    private void change(int bucket, long wanted, long position, long changed) {
        BucketArray array = buckets;
        MemorySegment memory = array.memory(bucket);
        long offset = BucketArray.offset(number, bucket);
        keepBucket(bucket);
        long base = array.address();
        if (base != 0) {
            int index = BucketArray.indexOf(base + array.rangeOffset(number, bucket), position);
            if (index != BucketArray.NONE) {
                set(memory, offset, index, changed);
                return;
            }
        }
        for (; ; ) {
            long candidates = BucketArray.candidates(memory, offset, wanted);
            while (candidates != 0) {
                int index = BucketArray.first(candidates);
                long slot = BucketArray.slot(memory, offset, index);
                if (slot > 0 && Slot.position(slot) == position) {
                    set(memory, offset, index, changed);
                    return;
                }
                candidates &= candidates - 1;
            }
            long last = BucketArray.slot(memory, offset, BucketArray.LAST_SLOT);
            if (!Slot.isLink(last)) {
                throw new CorruptionException(
                        "the key directory", 0, "it names no record at position " + position + CheckpointHeader.REMEDY);
            }
            int next = Slot.linked(last);
            keepOverflow(next);
            memory = overflow.memory(next);
            offset = BucketArray.offset(number, next);
        }
    }

    private void set(MemorySegment memory, long offset, int index, long slot) {
        beginChange();
        BucketArray.slot(memory, offset, index, slot);
        endChange();
    }

    private void add(int bucket, long slot) {
        keepBucket(bucket);
        MemorySegment memory = buckets.memory(bucket);
        long offset = BucketArray.offset(number, bucket);
        for (; ; ) {
            for (int index = 0; index < BucketArray.SLOTS; index++) {
                if (BucketArray.slot(memory, offset, index) == Slot.EMPTY) {
                    BucketArray.slot(memory, offset, index, slot);
                    return;
                }
            }
            long last = BucketArray.slot(memory, offset, BucketArray.LAST_SLOT);
            if (!Slot.isLink(last)) {
                int fresh = allocateOverflow();
                MemorySegment freshMemory = overflow.memory(fresh);
                long freshOffset = BucketArray.offset(number, fresh);
                BucketArray.slot(freshMemory, freshOffset, 0, last);
                BucketArray.slot(freshMemory, freshOffset, 1, slot);
                BucketArray.slot(memory, offset, BucketArray.LAST_SLOT, Slot.link(fresh));
                return;
            }
            keepOverflow(Slot.linked(last));
            memory = overflow.memory(Slot.linked(last));
            offset = BucketArray.offset(number, Slot.linked(last));
        }
    }

    private int allocateOverflow() {
        if (!freeOverflow.isEmpty()) {
            return freeOverflow.popInt();
        }
        BucketArray.empty(overflow.memory(overflowCount), BucketArray.offset(number, overflowCount));
        return overflowCount++;
    }

    /**
     * Splits the bucket whose turn it is; at most a few dozen slots move. The two halves need no more overflow buckets
     * than the whole has: c of them hold at most 7c + 8 slots, and two halves of one more each share what is left of
     * two buckets.
     */
    private void splitNext() {
        int count = bucketCount;
        int level = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(count);
        int low = count - (1 << level);
        buckets.ensure(count);
        BucketArray.empty(buckets.memory(count), BucketArray.offset(number, count));
        // Whatever may turn out to be damaged is read before anything is changed.
        readChain(low);
        for (int i = 0; i < chain.size(); i++) {
            if (!Slot.canSplit(chain.getLong(i))) {
                long position = Slot.position(chain.getLong(i));
                chain.setLong(i, Slot.of(records.hash(position), level, position));
            }
        }
        freeOverflow.ensureCapacity(freeOverflow.size() + chainLinkCount);
        version++;
        boolean split = false;
        try {
            empty(low);
            bucketCount = count + 1;
            for (int i = 0; i < chain.size(); i++) {
                long slot = chain.getLong(i);
                add(Slot.goesUp(slot) ? count : low, Slot.split(slot));
            }
            split = true;
        } finally {
            broken |= !split;
        }
        version++;
    }

    /** Reads all slots of a bucket into {@link #chain}. */
    private void readChain(int bucket) {
        chain.clear();
        chainLinkCount = 0;
        MemorySegment memory = buckets.memory(bucket);
        long offset = BucketArray.offset(number, bucket);
        for (int step = 0; step < MAX_CHAIN && memory != null; step++) {
            long link = 0;
            for (int index = 0; index < BucketArray.SLOTS; index++) {
                long slot = BucketArray.slot(memory, offset, index);
                if (Slot.isLink(slot)) {
                    link = slot;
                } else if (slot != Slot.EMPTY) {
                    chain.addLong(slot);
                }
            }
            if (link == 0) {
                return;
            }
            chainLinkCount++;
            memory = overflow.memoryIfAny(Slot.linked(link));
            offset = BucketArray.offset(number, Slot.linked(link));
        }
        throw new CorruptionException(
                CheckpointHeader.FILE_NAME,
                0,
                "its key directory has a chain that does not end" + CheckpointHeader.REMEDY);
    }

    /** Takes all slots out of a bucket and frees its overflow buckets. */
    private void empty(int bucket) {
        keepBucket(bucket);
        MemorySegment memory = buckets.memory(bucket);
        long offset = BucketArray.offset(number, bucket);
        for (; ; ) {
            long last = BucketArray.slot(memory, offset, BucketArray.LAST_SLOT);
            BucketArray.empty(memory, offset);
            if (!Slot.isLink(last)) {
                return;
            }
            freeOverflow.addInt(Slot.linked(last));
            keepOverflow(Slot.linked(last));
            memory = overflow.memory(Slot.linked(last));
            offset = BucketArray.offset(number, Slot.linked(last));
        }
    }

    /**
     * Counts keys by their distance from the first bucket of their chain; of at most so many buckets, evenly chosen.
     */
    void sampleDepths(int sampleCount, long[] depths) {
        lock.lock();
        try {
            int step = Math.max(1, bucketCount / sampleCount);
            for (int bucket = 0; bucket < bucketCount; bucket += step) {
                MemorySegment memory = buckets.memory(bucket);
                long offset = BucketArray.offset(number, bucket);
                for (int depth = 0; ; depth++) {
                    for (int index = 0; index < BucketArray.SLOTS; index++) {
                        if (BucketArray.slot(memory, offset, index) > 0) {
                            depths[Math.min(depth, depths.length - 1)]++;
                        }
                    }
                    long last = BucketArray.slot(memory, offset, BucketArray.LAST_SLOT);
                    if (!Slot.isLink(last)) {
                        break;
                    }
                    memory = overflow.memory(Slot.linked(last));
                    offset = BucketArray.offset(number, Slot.linked(last));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Shows the positions of the keys in some pages of buckets, evenly chosen; not those in overflow buckets. A whole
     * page is copied at once: a store that opens runs this in the interpreter, where each access to memory costs a
     * call.
     */
    void samplePositions(int pages, KeyDirectory.SampleVisitor visitor) {
        long[] slots = new long[DirectoryPages.BUCKETS_PER_PAGE * BucketArray.SLOTS];
        lock.lock();
        try {
            int step = Math.max(1, bucketCount / DirectoryPages.BUCKETS_PER_PAGE / pages);
            for (int bucket = 0; bucket < bucketCount; bucket += step * DirectoryPages.BUCKETS_PER_PAGE) {
                int count = Math.min(DirectoryPages.BUCKETS_PER_PAGE, bucketCount - bucket);
                BucketArray.copy(buckets.memory(bucket), BucketArray.offset(number, bucket), slots, count);
                visitor.visit(slots, keepPositions(slots, count * BucketArray.SLOTS));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Replaces slots by the positions that they have; returns how many these are. */
    private static int keepPositions(long[] slots, int slotCount) {
        int count = 0;
        for (int i = 0; i < slotCount; i++) {
            if (slots[i] > 0) {
                slots[count++] = Slot.position(slots[i]);
            }
        }
        return count;
    }

    /** Adds the positions of all keys of the bucket that a hash belongs to; returns the bucket's level. */
    int collect(long hash, LongArrayList positions) {
        int level = level(bucketCount, hash);
        int bucket = bucket(hash, level);
        MemorySegment memory = buckets.memory(bucket);
        long offset = BucketArray.offset(number, bucket);
        for (; ; ) {
            for (int index = 0; index < BucketArray.SLOTS; index++) {
                long slot = BucketArray.slot(memory, offset, index);
                if (slot > 0) {
                    positions.addLong(Slot.position(slot));
                }
            }
            long last = BucketArray.slot(memory, offset, BucketArray.LAST_SLOT);
            if (!Slot.isLink(last)) {
                return level;
            }
            memory = overflow.memory(Slot.linked(last));
            offset = BucketArray.offset(number, Slot.linked(last));
        }
    }
}
