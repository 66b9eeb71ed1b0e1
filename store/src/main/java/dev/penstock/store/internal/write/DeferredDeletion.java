package dev.penstock.store.internal.write;

import dev.penstock.store.internal.io.Failure;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.SegmentFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
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
    /** Files that nothing refers to, durably; those that could not be deleted are tried again. */
    private final List<String> undeleted = new ArrayList<>();

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
        if (superseded.isEmpty() && undeleted.isEmpty() || failure.isSet()) {
            return 0;
        }
        List<LargeSegment> batch = new ArrayList<>();
        for (LargeSegment next = superseded.poll(); next != null; next = superseded.poll()) {
            batch.add(next);
        }
        groupCommit.await();
        for (LargeSegment segment : batch) {
            undeleted.add(segment.name());
            segment.retire();
        }
        deleteFiles();
        return batch.size();
    }

    /** One that cannot be deleted now does not keep the others from it. */
    private void deleteFiles() throws IOException {
        IOException failed = null;
        for (Iterator<String> names = undeleted.iterator(); names.hasNext(); ) {
            try {
                factory.delete(names.next());
                names.remove();
            } catch (IOException e) {
                failed = e;
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    @Override
    public String roleName() {
        return "deferred-deletion";
    }
}
