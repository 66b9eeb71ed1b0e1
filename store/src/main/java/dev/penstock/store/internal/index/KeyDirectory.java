package dev.penstock.store.internal.index;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.internal.format.CheckpointHeader;
import dev.penstock.store.internal.io.Mappings;
import dev.penstock.store.internal.io.NativeMemory;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.segment.LiveBytes;
import dev.penstock.store.internal.segment.SegmentAddresses;
import dev.penstock.store.internal.segment.SegmentSet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.agrona.collections.LongArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The index: for each key the position of its current record. It takes about 13 bytes per key outside the heap; the
 * keys themselves are only in the records.
 *
 * <p>The top bits of a key's hash choose one of {@value #STRIPE_COUNT} stripes; each is a table that grows by itself,
 * see {@link Stripe}. Readers take no lock. A writer holds the lock of the key's stripe for the whole of its operation,
 * from looking up the current record to publishing the new one: operations on one key are atomic, and their order in
 * the log is their order here. The callers take these locks, chosen by the hash, so they cannot be stated as {@code
 * @GuardedBy}.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // clearCount: the clearing thread has exclusive use
public final class KeyDirectory implements AutoCloseable {

    /** Stripes of the directory. */
    public static final int STRIPE_COUNT = LiveBytes.STRIPE_COUNT;

    /** Answered by {@link #findByAddress} when something is on its way, out of the ordinary, or damaged. */
    public static final long UNDECIDED = -1;

    /** The mask of all stripes. */
    public static final long ALL_STRIPES = -1;

    /** After this many attempts a reader takes the lock to find out whether the directory is damaged. */
    private static final int LOOKS_WITHOUT_LOCK = 1_000;

    /** Copying them takes some ten microseconds, for which a writer may have to wait. */
    private static final int PAGES_COPIED_AT_A_TIME = 16;

    private static final int STRIPE_SHIFT = Long.SIZE - Integer.numberOfTrailingZeros(STRIPE_COUNT);
    /** A scan cursor holds that many hash bits within a stripe; no stripe has more buckets. */
    private static final int CURSOR_BITS = 42;

    /** Every cursor of a scan is less. */
    public static final long CURSOR_LIMIT = (long) STRIPE_COUNT << CURSOR_BITS;

    private final Arena arena = Arena.ofShared();
    private final IndexMemory memory;
    private final BucketArray buckets;
    private final BucketArray overflow;
    private final Stripe[] stripes = new Stripe[STRIPE_COUNT];
    private final KeyHash keyHash;
    private final RecordKeys records;
    /** A stripe has one copy at a time. Taken before the lock of a stripe, never after it. */
    private final ReentrantLock copying = new ReentrantLock();
    /** What the directory's memory belongs to while it is a mapped image; null if it never was, or is no longer. */
    private @Nullable Arena image;
    /** What stripes move to that leave the image. */
    private @Nullable BucketArray ownBuckets;

    private @Nullable BucketArray ownOverflow;
    private volatile int clearCount;
    /** Written under the lock of its stripe. */
    private volatile @Nullable AppliedMark mark;

    /**
     * A directory that nobody reads by addresses, as a snapshot's.
     *
     * @param salt the store's, which also seeds the hash: the same for its whole life, hard to guess from outside
     */
    public KeyDirectory(SegmentSet segments, long salt) {
        this(segments, salt, NativeMemory::allocate);
    }

    /** With memory from elsewhere, and with addresses if that has some. */
    public KeyDirectory(SegmentSet segments, long salt, IndexMemory memory) {
        this.keyHash = new KeyHash(salt);
        this.records = new RecordKeys(segments, keyHash, salt);
        this.memory = memory;
        this.buckets = new BucketArray(arena, memory);
        this.overflow = new BucketArray(arena, memory);
        boolean hasMemory = false;
        try {
            buckets.ensure(0);
            hasMemory = true;
        } finally {
            if (!hasMemory) {
                close();
            }
        }
        for (int i = 0; i < STRIPE_COUNT; i++) {
            stripes[i] = new Stripe(i, buckets, overflow, records);
        }
    }

    public long hash(byte[] key, int offset, int length) {
        return keyHash.of(key, offset, length);
    }

    /** Number of the stripe of a hash. */
    public static int stripe(long hash) {
        return (int) (hash >>> STRIPE_SHIFT);
    }

    /** The lock that a writer of a key with this hash holds. */
    public ReentrantLock lock(long hash) {
        return lockOf(stripe(hash));
    }

    /** The lock of a stripe by number. Who holds several takes them in ascending order. */
    public ReentrantLock lockOf(int stripe) {
        return stripes[stripe].lock();
    }

    /**
     * Position of the current record of a key; 0 if there is none. No lock, no allocation.
     *
     * @throws IllegalStateException if the directory was closed
     */
    public long find(long hash, byte[] key, int keyOffset, int keyLength) {
        Stripe stripe = stripes[stripe(hash)];
        for (int look = 0; look < LOOKS_WITHOUT_LOCK; look++) {
            try {
                return stripe.find(hash, key, keyOffset, keyLength);
            } catch (StaleLocationException | IndexOutOfBoundsException moved) {
                Thread.onSpinWait();
            } catch (IllegalStateException released) {
                requireOpen(released);
            }
        }
        return locked(stripe, () -> stripe.find(hash, key, keyOffset, keyLength));
    }

    /**
     * Address of the current record of a key. No memory segment is on the way.
     *
     * <p>The caller began a lease of the log's readers before the call, and what lies at the address stays until the
     * lease ends. When the directory is closed meanwhile, every answer may be wrong: the caller looks afterwards.
     *
     * @return 0 if there is none; {@link #UNDECIDED} if it takes {@link #find} to tell
     */
    public long findByAddress(long hash, byte[] key, int keyOffset, int keyLength, SegmentAddresses segments) {
        long position = findCandidate(hash);
        if (position <= 0) {
            return position;
        }
        long last = segments.last(position);
        long record = last == SegmentAddresses.UNKNOWN ? UNDECIDED : segments.address(last, position);
        return record <= 0 || RecordProbe.matches(record, key, keyOffset, keyLength) ? record : UNDECIDED;
    }

    /**
     * Position of the current record of a key, or of another one with the same bits of the hash: {@link #hasKey} tells.
     * The lease is as for {@link #findByAddress}.
     */
    public long findCandidate(long hash) {
        return stripes[stripe(hash)].findCandidate(hash);
    }

    /**
     * Whether a record that was found has a key. If not, it takes {@link #find} to tell whether the key is there.
     *
     * @param record its address, which the compiler knows to be one: see {@code RawMemory.ADDRESSES}
     * @param commitWord of the record
     */
    public static boolean hasKey(long record, int commitWord, byte[] key, int keyOffset, int keyLength) {
        return RecordProbe.matches(record, commitWord, key, keyOffset, keyLength);
    }

    /** A segment or the image may be gone, and what is looked for is somewhere else; but not if the directory is. */
    private void requireOpen(IllegalStateException released) {
        if (!arena.scope().isAlive()) {
            throw released;
        }
    }

    /**
     * Under the lock nothing moves: what is out of place now has been in the checkpoint that the directory came from.
     */
    private static <T> T locked(Stripe stripe, Supplier<T> look) {
        stripe.lock().lock();
        try {
            return look.get();
        } catch (StaleLocationException | IndexOutOfBoundsException damage) {
            throw new CorruptionException(
                    CheckpointHeader.FILE_NAME,
                    0,
                    "its key directory points at a place without a record" + CheckpointHeader.REMEDY);
        } finally {
            stripe.lock().unlock();
        }
    }

    /**
     * To look up several keys.
     *
     * @param segments where their records are
     */
    public Lookahead lookahead(SegmentAddresses segments) {
        return new Lookahead(this, segments, Lookahead.CAPACITY);
    }

    /** To look up so many keys, without their records. */
    public Lookahead lookahead(int capacity) {
        return new Lookahead(this, null, capacity);
    }

    Stripe stripeOf(long hash) {
        return stripes[stripe(hash)];
    }

    long touchRecord(long position) {
        return position == 0 ? 0 : records.touch(position);
    }

    /**
     * Whether the record at a position is the current one of its key. Looks at no record, the key's or another's. No
     * lock; who holds it has an answer that stays. Without it, no means: not any more, or not yet (see {@link
     * #awaitWriters}).
     */
    public boolean isCurrent(long hash, long position) {
        Stripe stripe = stripes[stripe(hash)];
        for (int look = 0; look < LOOKS_WITHOUT_LOCK; look++) {
            try {
                return stripe.isCurrent(hash, position);
            } catch (StaleLocationException | IndexOutOfBoundsException moved) {
                Thread.onSpinWait();
            } catch (IllegalStateException released) {
                requireOpen(released);
            }
        }
        return locked(stripe, () -> stripe.isCurrent(hash, position));
    }

    /**
     * Returns when every writer that is between publishing a record and pointing the directory at it has come to its
     * end.
     */
    @SuppressWarnings("LockNotBeforeTry") // there is nothing between
    public void awaitWriters() {
        for (Stripe stripe : stripes) {
            stripe.lock().lock();
            stripe.lock().unlock();
        }
    }

    /**
     * Makes sure that so many keys of a stripe can be added: {@link #insert} needs no memory for them, reads no record
     * and cannot fail. The caller holds the lock, and keeps it until they are added.
     *
     * @throws dev.penstock.store.StoreFullException if there is no memory for them
     * @throws CorruptionException if the key of a record that must be read is damaged
     */
    public void reserve(int stripe, int count) {
        stripes[stripe].reserve(count);
    }

    /**
     * Makes sure that so many keys of a stripe can be added after {@link #clear}; see {@link #reserve}. Reads no
     * record.
     *
     * @throws dev.penstock.store.StoreFullException if there is no memory for them
     */
    public void reserveAfterClear(int stripe, int count) {
        stripes[stripe].reserveAfterClear(count);
    }

    /** Whether a change was cut short in the middle: keys may be missing, and only a new recovery finds them. */
    public boolean isBroken() {
        for (Stripe stripe : stripes) {
            if (stripe.isBroken()) {
                return true;
            }
        }
        return false;
    }

    /** Adds a key that is not there. The caller holds the lock. */
    public void insert(long hash, long position) {
        stripes[stripe(hash)].insert(hash, position);
    }

    /** Points a key from one record to another. The caller holds the lock. */
    public void replace(long hash, long position, long newPosition) {
        stripes[stripe(hash)].replace(hash, position, newPosition);
    }

    /** Removes a key whose current record is at the position. The caller holds the lock. */
    public void remove(long hash, long position) {
        stripes[stripe(hash)].remove(hash, position);
    }

    /**
     * Counts keys of a hash's stripe whose records expire from now on, or that no longer are. The caller holds the
     * lock.
     */
    public void addExpiring(long hash, long delta) {
        stripeOf(hash).addExpiring(delta);
    }

    /**
     * Has the counts of keys that expire be those of a directory that has the same keys. The caller has exclusive use.
     */
    public void copyExpiring(KeyDirectory other) {
        for (int i = 0; i < STRIPE_COUNT; i++) {
            stripes[i].addExpiring(other.stripes[i].expiringCount() - stripes[i].expiringCount());
        }
    }

    /** Number of keys whose records expire; exact when nobody writes. */
    public long expiringCount() {
        long count = 0;
        for (Stripe stripe : stripes) {
            count += stripe.expiringCount();
        }
        return count;
    }

    /** Number of keys; exact when nobody writes. */
    public long count() {
        long count = 0;
        for (Stripe stripe : stripes) {
            count += stripe.keyCount();
        }
        return count;
    }

    /** Bytes of all buckets. */
    public long bytes() {
        long bytes = 0;
        for (Stripe stripe : stripes) {
            bytes += stripe.bytes();
        }
        return bytes;
    }

    /** Buckets that keys hash to. */
    public long bucketCount() {
        long count = 0;
        for (Stripe stripe : stripes) {
            count += stripe.bucketCount();
        }
        return count;
    }

    /** Buckets that full ones lead to. */
    public long overflowCount() {
        long count = 0;
        for (Stripe stripe : stripes) {
            count += stripe.overflowCount();
        }
        return count;
    }

    /**
     * Counts, in a part of the buckets, how many keys lie how far behind the first bucket of their chain.
     *
     * @param depths the counts, added to; the last takes all that lie further
     */
    public void sampleDepths(int bucketsPerStripe, long[] depths) {
        for (Stripe stripe : stripes) {
            stripe.sampleDepths(bucketsPerStripe, depths);
        }
    }

    /**
     * Shows the positions of some keys' records: those in pages of buckets that are evenly chosen, of each stripe so
     * many, or up to twice as many.
     */
    public void samplePositions(int pagesPerStripe, SampleVisitor visitor) {
        for (Stripe stripe : stripes) {
            stripe.samplePositions(pagesPerStripe, visitor);
        }
    }

    /** Receives positions, many at a time: a new JVM interprets whatever is called. */
    @FunctionalInterface
    public interface SampleVisitor {

        /** @param count how many there are, from the first element on */
        void visit(long[] positions, int count);
    }

    /** Runs something while nobody writes. */
    public void exclusively(Runnable action) {
        int held = 0;
        try {
            for (; held < STRIPE_COUNT; held++) {
                stripes[held].lock().lock();
            }
            action.run();
        } finally {
            while (held > 0) {
                stripes[--held].lock().unlock();
            }
        }
    }

    /**
     * Shows the position of every key's record, stripe by stripe. Writers of a stripe wait meanwhile, and none is
     * between publishing a record and pointing the directory at it.
     */
    public void forEachPosition(LongConsumer visitor) {
        for (Stripe stripe : stripes) {
            stripe.lock().lock();
            try {
                stripe.forEachPosition(visitor);
            } finally {
                stripe.lock().unlock();
            }
        }
    }

    /** The store's mark; null if no batch has set one. */
    public @Nullable AppliedMark mark() {
        return mark;
    }

    /** Sets the mark, or with null forgets it. The caller holds the lock of {@link AppliedMark#STRIPE}. */
    public void mark(@Nullable AppliedMark current) {
        mark = current;
    }

    /** Forgets every key, but not the mark. The caller has exclusive use. */
    public void clear() {
        clearCount++;
        beginTogether(ALL_STRIPES);
        try {
            for (Stripe stripe : stripes) {
                stripe.clear();
            }
        } finally {
            endTogether(ALL_STRIPES);
        }
    }

    /**
     * From now on until {@link #endTogether} readers of several keys wait; see {@link StripeSet}. The caller holds the
     * locks of the stripes, or is the only one that changes anything.
     *
     * @param stripeMask bit n stands for stripe n; {@link #ALL_STRIPES}
     */
    public void beginTogether(long stripeMask) {
        for (long left = stripeMask; left != 0; left &= left - 1) {
            stripes[Long.numberOfTrailingZeros(left)].beginChange();
        }
    }

    /** What changed since {@link #beginTogether} is seen together. */
    public void endTogether(long stripeMask) {
        for (long left = stripeMask; left != 0; left &= left - 1) {
            stripes[Long.numberOfTrailingZeros(left)].endChange();
        }
    }

    /** To read several keys as of one moment. */
    public StripeSet stripeSet() {
        return new StripeSet(stripes);
    }

    /** How often the directory was cleared. */
    public int clearCount() {
        return clearCount;
    }

    /** Takes the positions that {@link #scan} found, under the lock of their stripe. */
    @FunctionalInterface
    public interface PositionVisitor {

        void visit(LongArrayList positions);
    }

    /**
     * Visits the keys of one bucket and gives the cursor of the next; 0 begins, and 0 as the result ends.
     *
     * <p>A cursor is a stripe and a place in the order of the bit-reversed hashes. In that order a bucket is an
     * interval, and a split cuts an interval in two; so a scan that continues from the end of one interval misses
     * nothing that was there all the time, however the table grows meanwhile. (The idea is Pieter Noordhuis's, for
     * Redis's SCAN.)
     */
    public long scan(long cursor, LongArrayList positions, PositionVisitor visitor) {
        int number = (int) (cursor >>> CURSOR_BITS);
        if (number >= STRIPE_COUNT) {
            return 0;
        }
        long place = cursor & ((1L << CURSOR_BITS) - 1);
        Stripe stripe = stripes[number];
        int level;
        stripe.lock().lock();
        try {
            positions.clear();
            level = stripe.collect(Long.reverse(place << (Long.SIZE - CURSOR_BITS)), positions);
            visitor.visit(positions);
        } finally {
            stripe.lock().unlock();
        }
        long width = 1L << (CURSOR_BITS - level);
        long next = (place & -width) + width;
        long nextCursor = ((long) number << CURSOR_BITS) + next;
        return nextCursor >>> CURSOR_BITS == STRIPE_COUNT ? 0 : nextCursor;
    }

    // --- checkpoints ---

    /**
     * Copies one stripe as it is at a moment. Writers of its keys wait for a few pages at a time, others not at all.
     *
     * @param underLock what belongs to the same moment; run under the stripe's lock
     */
    public void copyStripe(int number, StripeImage image, Runnable underLock) {
        copyStripe(number, image, underLock, PAGES_COPIED_AT_A_TIME, Thread::yield);
    }

    /** @param between run between any two steps of the copy, without the lock, so that a waiting writer gets it */
    void copyStripe(int number, StripeImage image, Runnable underLock, int pagesAtATime, Runnable between) {
        Stripe stripe = stripes[number];
        copying.lock();
        try {
            for (boolean begun = false; !begun; ) {
                image.ensure(stripe.pages());
                begun = locked(stripe, () -> {
                    if (!image.holds(stripe.pages())) {
                        return false;
                    }
                    stripe.beginCopy(image);
                    underLock.run();
                    return true;
                });
            }
            while (!locked(stripe, () -> stripe.copyMore(pagesAtATime))) {
                between.run();
            }
        } finally {
            endCopy(stripe);
            copying.unlock();
        }
    }

    private static void endCopy(Stripe stripe) {
        stripe.lock().lock();
        try {
            stripe.endCopy();
        } finally {
            stripe.lock().unlock();
        }
    }

    /** Takes a copy of a stripe for its own. The caller has exclusive use. */
    public void takeStripe(int number, StripeImage image) {
        stripes[number].copyFrom(image);
    }

    /**
     * Memory of the directory's own for a chunk of buckets, or of overflow buckets, to be {@linkplain #adopt adopted}.
     */
    public MemorySegment allocateChunk(boolean ofOverflow, int chunk) {
        return (ofOverflow ? overflow : buckets).allocate(chunk);
    }

    /** Takes memory that holds a chunk of buckets, or of overflow buckets; {@link #restore} follows. */
    public void adopt(boolean ofOverflow, int chunk, MemorySegment memory) {
        (ofOverflow ? overflow : buckets).adopt(chunk, memory);
    }

    /** What was adopted is a mapped image, which is closed when every stripe has {@linkplain #leaveImage left} it. */
    public void adoptedFrom(Arena mapped) {
        if (image != null) {
            releaseImage();
        }
        image = mapped;
    }

    /** Whether its memory is a mapped image. */
    public boolean isOnImage() {
        return image != null;
    }

    /**
     * Whether all of its memory can be read. That of a mapped image cannot be if its file was cut off or its device
     * fails.
     */
    public boolean isReadable() {
        if (image == null) {
            return true;
        }
        try {
            NativeMemory.keep(buckets.touchAll() + overflow.touchAll());
            PageFaults.deliver();
            return true;
        } catch (InternalError lost) {
            return false;
        } catch (IllegalStateException released) {
            // The directory has moved on.
            return true;
        }
    }

    /** Allocates memory for all stripes to move to, and gives the parts of it that they will fill. */
    public List<MemorySegment> prepareToLeaveImage() {
        int pages = 0;
        int overflowPages = 0;
        for (Stripe stripe : stripes) {
            pages = Math.max(pages, DirectoryPages.pageCount(stripe.bucketCount()));
            overflowPages = Math.max(overflowPages, DirectoryPages.pageCount(stripe.overflowCount()));
        }
        ownBuckets = new BucketArray(arena, memory);
        ownOverflow = new BucketArray(arena, memory);
        List<MemorySegment> parts = new ArrayList<>();
        ownBuckets.reserve(pages, parts);
        ownOverflow.reserve(overflowPages, parts);
        return parts;
    }

    /** Moves a stripe from the image to memory of its own. Writers of its keys wait for the copying, readers do not. */
    public void leaveImage(int number) {
        Stripe stripe = stripes[number];
        stripe.lock().lock();
        try {
            if (ownBuckets == null || ownOverflow == null) {
                throw new IllegalStateException("there is no memory to leave the image for");
            }
            stripe.moveTo(ownBuckets, ownOverflow);
        } finally {
            stripe.lock().unlock();
        }
    }

    /** Releases the image, which all stripes have left and no reader looks at any more. */
    public void releaseImage() {
        Arena left = image;
        if (left != null) {
            Mappings.close(left);
            image = null;
        }
    }

    /** Takes the shapes of all stripes. The caller has exclusive use, and has checked that there is memory for them. */
    public void restore(List<StripeShape> shapes) {
        for (int i = 0; i < STRIPE_COUNT; i++) {
            stripes[i].restore(shapes.get(i));
        }
    }

    @Override
    public void close() {
        if (Mappings.close(arena)) {
            Stream.of(buckets, overflow, ownBuckets, ownOverflow)
                    .filter(Objects::nonNull)
                    .forEach(BucketArray::release);
        }
        releaseImage();
    }
}
