package dev.penstock.store.internal.write;

import dev.penstock.store.internal.io.Failure;
import dev.penstock.store.internal.io.Memory;
import dev.penstock.store.internal.segment.Log;
import dev.penstock.store.internal.segment.Segment;
import java.io.IOException;
import org.agrona.concurrent.Agent;

/**
 * Keeps writers from waiting for the system: has the pages in front of the tail faulted in, the next segment made before
 * it is needed, and the unused end of a sealed segment given back.
 *
 * <p>Without it a put that is the first to touch a page pays for the fault, and the slowest puts take ten times as long.
 */
public final class AheadOfTail implements Agent {

    private static final long PAGE_MASK = 4095;
    private static final long AHEAD_LENGTH = 8L << 20;
    private static final long STEP_LENGTH = 1L << 20;

    private final Log log;
    private final Failure failure;
    private final long segmentSize;
    private Segment populated;
    private long populatedOffset;

    public AheadOfTail(Log log, Failure failure, long segmentSize) {
        this.log = log;
        this.failure = failure;
        this.segmentSize = segmentSize;
    }

    @Override
    public int doWork() throws IOException {
        if (failure.isSet()) {
            return 0;
        }
        int work = trimSealed();
        Segment active = log.active();
        if (active != populated) {
            populated = active;
            populatedOffset = active.usedLength() & ~PAGE_MASK;
        }
        work += populate(active);
        if (active.usedLength() > segmentSize / 2) {
            log.prepareNext();
        }
        return work;
    }

    private int populate(Segment active) {
        int work = 0;
        while (populatedOffset < Math.min(segmentSize, active.usedLength() + AHEAD_LENGTH)) {
            long length = Math.min(STEP_LENGTH, segmentSize - populatedOffset);
            Memory.populateForWriting(active.memory(), populatedOffset, length);
            populatedOffset += length;
            work++;
        }
        boolean halfPrepared = active.usedLength() > segmentSize / 2;
        long next = populatedOffset >= segmentSize ? Long.MAX_VALUE : populatedOffset - AHEAD_LENGTH / 2;
        log.notifyAt(active, halfPrepared ? next : Math.min(next, segmentSize / 2 + 1));
        return work;
    }

    private int trimSealed() throws IOException {
        int work = 0;
        for (Segment segment = log.pollSealed(); segment != null; segment = log.pollSealed()) {
            segment.trim();
            work++;
        }
        return work;
    }

    @Override
    public String roleName() {
        return "ahead-of-tail";
    }
}
