package dev.penstock.store.internal.write;

import dev.penstock.store.internal.io.Failure;
import dev.penstock.store.internal.io.Memory;
import dev.penstock.store.internal.segment.Log;
import dev.penstock.store.internal.segment.Segment;
import org.agrona.concurrent.Agent;

/**
 * Has the pages in front of the tail faulted in, so that writers do not: a put that is the first to touch a page takes ten
 * times as long. On a thread that never waits for the device.
 */
public final class PagePopulator implements Agent {

    private static final long PAGE_MASK = 4095;
    private static final long AHEAD_LENGTH = 8L << 20;
    private static final long STEP_LENGTH = 1L << 20;

    private final Log log;
    private final Failure failure;
    private Segment populated;
    private long populatedOffset;

    public PagePopulator(Log log, Failure failure) {
        this.log = log;
        this.failure = failure;
    }

    @Override
    public int doWork() {
        Segment active = log.active();
        if (active != populated) {
            populated = active;
            populatedOffset = active.usedLength() & ~PAGE_MASK;
        }
        long segmentSize = active.memory().byteSize();
        int work = 0;
        while (populatedOffset < Math.min(segmentSize, active.usedLength() + AHEAD_LENGTH) && !failure.isSet()) {
            long length = Math.min(STEP_LENGTH, segmentSize - populatedOffset);
            Memory.populateForWriting(active.memory(), populatedOffset, length);
            populatedOffset += length;
            work++;
        }
        long next = populatedOffset >= segmentSize ? Long.MAX_VALUE : populatedOffset - AHEAD_LENGTH / 2;
        log.notifyAt(active, next);
        return work;
    }

    @Override
    public String roleName() {
        return "page-populator";
    }
}
