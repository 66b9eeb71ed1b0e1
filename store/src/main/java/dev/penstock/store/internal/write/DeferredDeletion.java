package dev.penstock.store.internal.write;

import dev.penstock.store.internal.io.Failure;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.SegmentFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.agrona.concurrent.Agent;

/**
 * Deletes the files of large values that were overwritten or removed, as soon as that is durable. Deleted earlier, a
 * power cut could undo the removal and find the value gone. Views and transfers under way keep what they read.
 */
public final class DeferredDeletion implements Agent {

    private final Queue<LargeSegment> superseded = new ConcurrentLinkedQueue<>();
    private final GroupCommit groupCommit;
    private final SegmentFactory factory;
    private final Failure failure;
    private final Runnable wakeUp;

    public DeferredDeletion(GroupCommit groupCommit, SegmentFactory factory, Failure failure, Runnable wakeUp) {
        this.groupCommit = groupCommit;
        this.factory = factory;
        this.failure = failure;
        this.wakeUp = wakeUp;
    }

    /** The record that supersedes the value is published; no new reader finds it. */
    void add(LargeSegment segment) {
        superseded.add(segment);
        wakeUp.run();
    }

    @Override
    public int doWork() throws IOException {
        if (superseded.isEmpty() || failure.isSet()) {
            return 0;
        }
        List<LargeSegment> batch = new ArrayList<>();
        for (LargeSegment next = superseded.poll(); next != null; next = superseded.poll()) {
            batch.add(next);
        }
        groupCommit.await();
        for (LargeSegment segment : batch) {
            factory.delete(segment.name());
            segment.retire();
        }
        return batch.size();
    }

    @Override
    public String roleName() {
        return "deferred-deletion";
    }
}
