package dev.penstock.store.internal.log;

import dev.penstock.store.internal.io.NativeMemory;
import dev.penstock.store.internal.segment.Segment;

/**
 * Counts how the active segment of the log is used, to decide how the kernel prepares the next one.
 *
 * <p><b>Huge pages</b> make reads and the first touch of a page cheaper, but each force writes the whole page of the
 * tail, 2 MiB. A segment therefore gets them if the previous one was forced no more often than it has such pages.
 *
 * <p><b>Copies</b> are written to the file, which creates the pages. If only compaction writes, pages that the kernel
 * prepares for stores would be filled with zeros in vain.
 *
 * <p>Guarded by the lock of the {@link Log}.
 */
final class TailUsage {

    /** Where this many times as much is copied as is stored, compaction is as good as alone. */
    private static final long COPIES_TO_A_STORE = 32;

    private final long segmentSize;
    private int forceCount;
    private long storedBytes;
    private long copiedBytes;

    TailUsage(long segmentSize) {
        this.segmentSize = segmentSize;
    }

    /** As far as the log knows: the first record after a force counts it. */
    void forced() {
        forceCount++;
    }

    void stored(long length) {
        storedBytes += length;
    }

    void copied(long length) {
        copiedBytes += length;
    }

    boolean isForcedSeldom() {
        return forceCount <= segmentSize / NativeMemory.HUGE_PAGE_LENGTH;
    }

    boolean isCopiedTo() {
        return copiedBytes > COPIES_TO_A_STORE * storedBytes;
    }

    /**
     * Goes on to the next segment, to which nothing has been appended.
     *
     * @param copiesFollow whether it is compaction's
     */
    void next(Segment fresh, boolean copiesFollow) {
        if (copiesFollow) {
            fresh.readAround(false);
        } else if (isForcedSeldom()) {
            fresh.useHugePages();
        }
        forceCount = 0;
        storedBytes = 0;
        copiedBytes = 0;
    }
}
