package dev.penstock.store.internal.background;

import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.io.NativeMemory;
import dev.penstock.store.internal.log.Log;
import dev.penstock.store.internal.log.WriteActivity;
import dev.penstock.store.internal.segment.Segment;
import org.agrona.concurrent.Agent;
import org.jspecify.annotations.Nullable;

/**
 * Faults in the pages ahead of the tail, so that writers do not have to: the first put to touch a page takes ten times
 * as long. Runs on a thread that never waits for the device. If only compaction moves the tail, no pages are needed,
 * because compaction writes to the file.
 */
public final class PagePopulator implements Agent {

    private static final long PAGE_MASK = 4095;
    private static final long AHEAD_LENGTH = 8L << 20;
    private static final long STEP_LENGTH = 1L << 20;

    private final Log log;
    private final FailureLatch failure;
    private final WriteActivity writers;
    private @Nullable Segment populated;
    private long populatedOffset;

    public PagePopulator(Log log, FailureLatch failure) {
        this.log = log;
        this.failure = failure;
        this.writers = new WriteActivity(log);
    }

    @Override
    public int doWork() {
        Segment active = log.active();
        boolean isFirst = populated == null;
        if (active != populated) {
            populated = active;
            populatedOffset = active.usedLength() & ~PAGE_MASK;
        }
        long segmentSize = active.memory().byteSize();
        long tail = active.usedLength();
        int work = 0;
        if (populatedOffset <= Math.min(segmentSize - 1, tail + AHEAD_LENGTH / 2)) {
            long until = Math.min(segmentSize, tail + AHEAD_LENGTH);
            if (isFirst || !writers.isQuiet()) {
                work = populate(active, until);
            } else {
                populatedOffset = until + PAGE_MASK & ~PAGE_MASK;
            }
        }
        long next = populatedOffset >= segmentSize ? Long.MAX_VALUE : populatedOffset - AHEAD_LENGTH / 2;
        log.notifyAt(active, next);
        return work;
    }

    private int populate(Segment active, long until) {
        int work = 0;
        while (populatedOffset < until && !failure.isSet()) {
            long length = Math.min(STEP_LENGTH, active.memory().byteSize() - populatedOffset);
            NativeMemory.populateForWriting(active.memory(), populatedOffset, length);
            populatedOffset += length;
            work++;
        }
        return work;
    }

    @Override
    public String roleName() {
        return "page-populator";
    }
}
