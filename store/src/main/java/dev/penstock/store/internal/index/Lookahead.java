package dev.penstock.store.internal.index;

import dev.penstock.store.internal.io.NativeMemory;
import dev.penstock.store.internal.segment.SegmentAddresses;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Prefetches the memory of several keys before {@link KeyDirectory#find} looks them up one by one: first their buckets,
 * then the records that these seem to point at. Each loop is so short that a processor overlaps the cache misses of
 * many keys. This helps as long as the loaded lines stay in the cache: for some {@link #CAPACITY} keys, or more if the
 * records are not needed.
 *
 * <p>Changes nothing and decides nothing. Allocates nothing after its construction; one thread at a time.
 */
public final class Lookahead {

    /** How many keys are worth it at a time, with their records. */
    public static final int CAPACITY = 32;

    private final KeyDirectory directory;
    /** Where records are; null if only buckets are requested. */
    private final @Nullable SegmentAddresses segments;

    private final long[] hashes;
    private final long[] positions;
    /** Of buckets, and then of records. */
    private final long[] addresses;

    private final MemorySegment[] memories;
    private final long[] offsets;
    private int count;

    /** @param segments where records are, if they are to be prefetched too */
    Lookahead(KeyDirectory directory, @Nullable SegmentAddresses segments, int capacity) {
        this.directory = directory;
        this.segments = segments;
        this.hashes = new long[capacity];
        this.addresses = new long[capacity];
        this.positions = new long[capacity];
        this.memories = new MemorySegment[capacity];
        this.offsets = new long[capacity];
    }

    /** Adds a key by its hash; there is space for one. */
    public void add(long hash) {
        hashes[count++] = hash;
    }

    /** The hash of a key that was added, by the order of adding. */
    public long hash(int index) {
        return hashes[index];
    }

    /** How many were added. */
    public int count() {
        return count;
    }

    /** Forgets the keys. */
    public void clear() {
        count = 0;
    }

    /** Asks for the memory of the keys that were added. */
    public void run() {
        if (count < 2 || runByAddress()) {
            return;
        }
        try {
            long touched = loadBuckets();
            for (int i = 0; i < count; i++) {
                positions[i] = BucketArray.likelyPosition(memories[i], offsets[i], hashes[i]);
            }
            for (int i = 0; i < count; i++) {
                touched += directory.touchRecord(positions[i]);
            }
            NativeMemory.keep(touched);
        } catch (IllegalStateException released) {
            // The memory of the directory or of a segment is gone: the lookup that follows handles it.
        }
    }

    /**
     * The same by addresses, without a lease: what lies there is loaded and not looked at. False if there are none, and
     * nothing is done.
     */
    private boolean runByAddress() {
        if (segments == null) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            long address = directory.stripeOf(hashes[i]).bucketAddress(hashes[i]);
            if (address == 0) {
                return false;
            }
            addresses[i] = address;
        }
        long touched = 0;
        for (int i = 0; i < count; i++) {
            touched += RecordProbe.touchBucket(addresses[i]);
        }
        long[] table = segments.table();
        for (int i = 0; i < count; i++) {
            addresses[i] = RecordProbe.likelyRecord(addresses[i], hashes[i], segments, table);
        }
        for (int i = 0; i < count; i++) {
            touched += RecordProbe.touchRecord(addresses[i]);
        }
        NativeMemory.keep(touched);
        return true;
    }

    /** Asks for all buckets that the keys may be in, and not for records. */
    public void touchBuckets() {
        try {
            NativeMemory.keep(loadBuckets() + loadOverflow());
        } catch (IllegalStateException released) {
            // As above.
        }
    }

    private long loadBuckets() {
        for (int i = 0; i < count; i++) {
            Stripe stripe = directory.stripeOf(hashes[i]);
            int bucket = stripe.bucket(hashes[i]);
            memories[i] = stripe.memory(bucket);
            offsets[i] = stripe.offset(bucket);
        }
        long touched = 0;
        for (int i = 0; i < count; i++) {
            touched += BucketArray.touch(memories[i], offsets[i]);
        }
        return touched;
    }

    /** Seldom more than one of a key's. */
    private long loadOverflow() {
        long touched = 0;
        for (int i = 0; i < count; i++) {
            touched += directory.stripeOf(hashes[i]).touchOverflow(memories[i], offsets[i]);
        }
        return touched;
    }
}
