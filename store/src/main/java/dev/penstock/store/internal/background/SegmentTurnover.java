package dev.penstock.store.internal.background;

import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.log.Log;
import java.io.IOException;
import org.agrona.concurrent.Agent;

/** Creates the next segment before writers need it, and releases the unused end of a sealed one. */
public final class SegmentTurnover implements Agent {

    private final Log log;
    private final FailureLatch failure;

    public SegmentTurnover(Log log, FailureLatch failure) {
        this.log = log;
        this.failure = failure;
    }

    @Override
    public int doWork() throws IOException {
        if (failure.isSet()) {
            return 0;
        }
        if (log.isNextDue()) {
            log.prepareNext();
        }
        return log.trimSealed();
    }

    @Override
    public String roleName() {
        return "segment-turnover";
    }
}
