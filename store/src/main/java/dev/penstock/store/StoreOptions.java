package dev.penstock.store;

import java.time.InstantSource;
import java.util.Objects;

/**
 * Options for opening a store. Start from {@link #defaults()} and change what differs; each {@code with} method returns
 * new options. Immutable and thread-safe. Two options are equal if all their values are.
 */
public final class StoreOptions {

    private static final long MIN_SEGMENT_SIZE = 1L << 20;
    private static final long MAX_SEGMENT_SIZE = 1L << 30;
    private static final StoreOptions DEFAULTS =
            new StoreOptions(64L << 20, true, false, false, Durability.NONE, InstantSource.system(), 32L << 20);

    private final long segmentSize;
    private final boolean createIfMissing;
    private final boolean readOnly;
    private final boolean verifyOnRead;
    private final Durability durability;
    private final InstantSource clock;
    private final long compactionRate;

    private StoreOptions(
            long segmentSize,
            boolean createIfMissing,
            boolean readOnly,
            boolean verifyOnRead,
            Durability durability,
            InstantSource clock,
            long compactionRate) {
        this.segmentSize = segmentSize;
        this.createIfMissing = createIfMissing;
        this.readOnly = readOnly;
        this.verifyOnRead = verifyOnRead;
        this.durability = durability;
        this.clock = clock;
        this.compactionRate = compactionRate;
    }

    /**
     * Returns the default options: segments of 64 MiB, created if missing, writable, values not verified on each read,
     * forced by sync and close.
     *
     * @return the default options
     */
    public static StoreOptions defaults() {
        return DEFAULTS;
    }

    /** {@return the size of the log's segments in bytes; 64 MiB by default} */
    public long segmentSize() {
        return segmentSize;
    }

    /**
     * Sets the size of the log's segments. It applies to a new store; an existing one keeps the size it was created
     * with.
     *
     * @param bytes a power of two from 1 MiB to 1 GiB
     * @return the changed options
     * @throws IllegalArgumentException if it is not
     */
    public StoreOptions withSegmentSize(long bytes) {
        if (Long.bitCount(bytes) != 1 || bytes < MIN_SEGMENT_SIZE || bytes > MAX_SEGMENT_SIZE) {
            throw new IllegalArgumentException("segmentSize must be a power of two from 1 MiB to 1 GiB, not " + bytes);
        }
        return new StoreOptions(bytes, createIfMissing, readOnly, verifyOnRead, durability, clock, compactionRate);
    }

    /** {@return whether a directory that is missing or empty becomes a new store; true by default} */
    public boolean createIfMissing() {
        return createIfMissing;
    }

    /**
     * Sets whether a directory that is missing or empty becomes a new store.
     *
     * @param create true to create one, false to throw {@link NotAStoreException}
     * @return the changed options
     */
    public StoreOptions withCreateIfMissing(boolean create) {
        return new StoreOptions(segmentSize, create, readOnly, verifyOnRead, durability, clock, compactionRate);
    }

    /** {@return whether the store is opened read-only; false by default} */
    public boolean readOnly() {
        return readOnly;
    }

    /**
     * Sets whether the store is opened read-only. It then changes no file and takes no lock, so it can read a store
     * that another process has open for writing. It follows that process and its successors: their writes become
     * visible within some milliseconds, usually 16 at most, and at once after {@link Store#refresh}.
     *
     * @param only true to open it read-only
     * @return the changed options
     */
    public StoreOptions withReadOnly(boolean only) {
        return new StoreOptions(segmentSize, createIfMissing, only, verifyOnRead, durability, clock, compactionRate);
    }

    /** {@return whether every read first checks the value against its checksum; false by default} */
    public boolean verifyOnRead() {
        return verifyOnRead;
    }

    /**
     * Sets whether every read first checks the value against its checksum. The check touches every byte of the value,
     * which a zero-copy read does not.
     *
     * @param verify true to check
     * @return the changed options
     */
    public StoreOptions withVerifyOnRead(boolean verify) {
        return new StoreOptions(segmentSize, createIfMissing, readOnly, verify, durability, clock, compactionRate);
    }

    /** {@return when a write is forced to the device; {@link Durability#NONE} by default} */
    public Durability durability() {
        return durability;
    }

    /**
     * Sets when a write is forced to the device, unless its {@link WriteOptions} say otherwise.
     *
     * @param mode the durability of writes that have none of their own
     * @return the changed options
     */
    public StoreOptions withDurability(Durability mode) {
        Objects.requireNonNull(mode, "durability");
        return new StoreOptions(segmentSize, createIfMissing, readOnly, verifyOnRead, mode, clock, compactionRate);
    }

    /** {@return the clock that decides what has expired; the system clock by default} */
    public InstantSource clock() {
        return clock;
    }

    /**
     * Sets the clock that decides what has expired.
     *
     * @param source the clock; it may be read on any thread
     * @return the changed options
     */
    public StoreOptions withClock(InstantSource source) {
        Objects.requireNonNull(source, "clock");
        return new StoreOptions(
                segmentSize, createIfMissing, readOnly, verifyOnRead, durability, source, compactionRate);
    }

    /** {@return the limit of background compaction in bytes per second; 32 MiB by default} */
    public long compactionRate() {
        return compactionRate;
    }

    /**
     * Limits background compaction. Compaction keeps the log within 1.5 times the live bytes plus five segments, and
     * exceeds the limit, unless that is 0, when the log comes near this bound.
     *
     * @param bytesPerSecond bytes of the log to work through per second; 0 for no background compaction
     * @return the changed options
     * @throws IllegalArgumentException if it is negative
     */
    public StoreOptions withCompactionRate(long bytesPerSecond) {
        return new StoreOptions(
                segmentSize, createIfMissing, readOnly, verifyOnRead, durability, clock, checkRate(bytesPerSecond));
    }

    static long checkRate(long bytesPerSecond) {
        if (bytesPerSecond < 0) {
            throw new IllegalArgumentException("compactionRate must not be negative: " + bytesPerSecond);
        }
        return bytesPerSecond;
    }

    @Override
    public boolean equals(Object object) {
        return object instanceof StoreOptions other
                && segmentSize == other.segmentSize
                && createIfMissing == other.createIfMissing
                && readOnly == other.readOnly
                && verifyOnRead == other.verifyOnRead
                && durability.equals(other.durability)
                && clock.equals(other.clock)
                && compactionRate == other.compactionRate;
    }

    @Override
    public int hashCode() {
        return Objects.hash(segmentSize, createIfMissing, readOnly, verifyOnRead, durability, clock, compactionRate);
    }

    /** Names all options and their values. */
    @Override
    public String toString() {
        return "StoreOptions(segmentSize=" + segmentSize
                + ", createIfMissing=" + createIfMissing
                + ", readOnly=" + readOnly
                + ", verifyOnRead=" + verifyOnRead
                + ", durability=" + durability
                + ", clock=" + clock
                + ", compactionRate=" + compactionRate + ")";
    }
}
