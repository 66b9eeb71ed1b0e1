package dev.penstock.store;

import java.time.InstantSource;
import java.util.Objects;

/**
 * How a store is opened. Immutable; start from {@link #defaults()} and change what must differ.
 *
 * @param segmentSize size in bytes of the log's segments: a power of two from 1 MiB to 1 GiB. Only a new store takes
 *     it; an existing one keeps the size it was created with
 * @param createIfMissing whether a directory that is missing or empty becomes a new store
 * @param readOnly open without the right to write: no file is changed and no lock is taken, so that a store which
 *     another process owns can be read. It follows that owner, and the next ones: what they write is visible here some
 *     milliseconds later, 16 as a rule at most, and at once after {@link Store#refresh}
 * @param verifyOnRead whether every read checks the value against its checksum first. Off by default: it touches every
 *     byte of the value, which a zero-copy read otherwise does not
 * @param durability when a write is forced to the device, unless the call says otherwise
 * @param clock says what has expired; the system's by default
 * @param compactionRate how many bytes a second the compaction in the background works through; 32 MiB by default, 0 for
 *     none. It begins when the log's files take 1.4 times what is live in them, and some segments more; where it cannot keep
 *     them below 1.5 times at this rate, it takes no notice of the rate
 */
public record StoreOptions(
        long segmentSize,
        boolean createIfMissing,
        boolean readOnly,
        boolean verifyOnRead,
        Durability durability,
        InstantSource clock,
        long compactionRate) {

    private static final long MIN_SEGMENT_SIZE = 1L << 20;
    private static final long MAX_SEGMENT_SIZE = 1L << 30;
    private static final StoreOptions DEFAULTS =
            new StoreOptions(64L << 20, true, false, false, Durability.NONE, InstantSource.system(), 32L << 20);

    /** @throws IllegalArgumentException if the segment size is not a power of two from 1 MiB to 1 GiB, or the rate negative */
    public StoreOptions {
        Objects.requireNonNull(durability, "durability");
        Objects.requireNonNull(clock, "clock");
        if (Long.bitCount(segmentSize) != 1 || segmentSize < MIN_SEGMENT_SIZE || segmentSize > MAX_SEGMENT_SIZE) {
            throw new IllegalArgumentException(
                    "segmentSize must be a power of two from 1 MiB to 1 GiB, not " + segmentSize);
        }
        checkRate(compactionRate);
    }

    /** Segments of 64 MiB, created if missing, writable, values not verified on each read, forced by sync and close. */
    public static StoreOptions defaults() {
        return DEFAULTS;
    }

    public StoreOptions withSegmentSize(long bytes) {
        return new StoreOptions(bytes, createIfMissing, readOnly, verifyOnRead, durability, clock, compactionRate);
    }

    public StoreOptions withCreateIfMissing(boolean create) {
        return new StoreOptions(segmentSize, create, readOnly, verifyOnRead, durability, clock, compactionRate);
    }

    public StoreOptions withReadOnly(boolean only) {
        return new StoreOptions(segmentSize, createIfMissing, only, verifyOnRead, durability, clock, compactionRate);
    }

    public StoreOptions withVerifyOnRead(boolean verify) {
        return new StoreOptions(segmentSize, createIfMissing, readOnly, verify, durability, clock, compactionRate);
    }

    public StoreOptions withDurability(Durability mode) {
        return new StoreOptions(segmentSize, createIfMissing, readOnly, verifyOnRead, mode, clock, compactionRate);
    }

    public StoreOptions withClock(InstantSource source) {
        return new StoreOptions(
                segmentSize, createIfMissing, readOnly, verifyOnRead, durability, source, compactionRate);
    }

    public StoreOptions withCompactionRate(long bytesPerSecond) {
        return new StoreOptions(
                segmentSize, createIfMissing, readOnly, verifyOnRead, durability, clock, bytesPerSecond);
    }

    static long checkRate(long bytesPerSecond) {
        if (bytesPerSecond < 0) {
            throw new IllegalArgumentException("compactionRate must not be negative: " + bytesPerSecond);
        }
        return bytesPerSecond;
    }
}
