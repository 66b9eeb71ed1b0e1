package dev.penstock.server.transfer;

import dev.penstock.store.transfer.ValueFrame;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Checks whether stretches of values are in memory. Asking the kernel costs half a microsecond and 20 ns per page, a
 * tenth of sending them, so a positive answer is cached for a second. Pages that are evicted within that second cost
 * the event loop one wait for the disk.
 *
 * <p>Belongs to one event loop; not thread-safe.
 */
final class PageCacheResidency {

    /** Asked about as a whole. */
    static final long BLOCK_LENGTH = 256 * 1024;

    private static final int SLOTS = 8192;
    private static final int SAMPLES = 32;
    private static final long TRUST_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long MIX = 0x9E3779B97F4A7C15L;

    private final LongSupplier nanoClock;
    private final long[] blocks = new long[SLOTS];
    private final long[] seenNanos = new long[SLOTS];

    PageCacheResidency(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** @param sequence identifies the frame */
    boolean isResident(ValueFrame frame, long sequence, long offset, long length) {
        long now = nanoClock.getAsLong();
        long last = (offset + length - 1) / BLOCK_LENGTH;
        for (long block = offset / BLOCK_LENGTH; block <= last; block++) {
            if (!isBlockResident(frame, sequence, block, now)) {
                return false;
            }
        }
        return true;
    }

    /** Whether at least half of what is between two offsets is in memory, going by a few blocks of it. */
    boolean isMostlyResident(ValueFrame frame, long sequence, long offset, long end) {
        long now = nanoClock.getAsLong();
        long first = offset / BLOCK_LENGTH;
        long count = (end - 1) / BLOCK_LENGTH - first + 1;
        long samples = Math.min(SAMPLES, count);
        long resident = 0;
        for (long i = 0; i < samples; i++) {
            if (isBlockResident(frame, sequence, first + i * count / samples, now)) {
                resident++;
            }
        }
        return 2 * resident >= samples;
    }

    private boolean isBlockResident(ValueFrame frame, long sequence, long block, long now) {
        long name = (sequence * MIX + block) * MIX;
        int slot = (int) (name >>> 51);
        if (blocks[slot] == name && now - seenNanos[slot] < TRUST_NANOS) {
            return true;
        }
        boolean resident = frame.isResident(block * BLOCK_LENGTH, BLOCK_LENGTH);
        if (resident) {
            blocks[slot] = name;
            seenNanos[slot] = now;
        }
        return resident;
    }
}
