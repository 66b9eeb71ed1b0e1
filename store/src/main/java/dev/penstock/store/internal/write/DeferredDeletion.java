package dev.penstock.store.internal.write;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.penstock.store.StoreException;
import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.log.GroupCommit;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.SegmentFactory;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.concurrent.Agent;

/**
 * Deletes the files of large values that were overwritten or removed, as soon as that is durable. If they were deleted
 * earlier, a power cut could undo the removal after the value is gone. Views and running transfers keep their value:
 * its file stays open from here on. If too many files are open, the file keeps its name until its readers have
 * finished.
 *
 * <p><b>Back-pressure.</b> If many values wait, each writer deletes some before it writes.
 *
 * <p>Thread-safe; one thread at a time deletes.
 */
public final class DeferredDeletion implements Agent {

    /** So many may wait before writers have to help: they are 256 MiB at least, unless segments are small. */
    private static final int MOST_WAITING = 256;

    /** How many a writer deletes at a time. */
    private static final int HELPED_COUNT = 64;

    private final Queue<LargeSegment> superseded = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waitingCount = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    /** Values that nothing refers to, durably, but that are being read; they could not be kept open. */
    @GuardedBy("lock")
    private final List<LargeSegment> held = new ArrayList<>();
    /** Files that nothing refers to, durably; those that could not be deleted are tried again. */
    @GuardedBy("lock")
    private final Deque<String> undeleted = new ArrayDeque<>();

    private final GroupCommit groupCommit;
    private final SegmentFactory factory;
    private final FailureLatch failure;
    private final Runnable wakeUp;

    public DeferredDeletion(GroupCommit groupCommit, SegmentFactory factory, FailureLatch failure, Runnable wakeUp) {
        this.groupCommit = groupCommit;
        this.factory = factory;
        this.failure = failure;
        this.wakeUp = wakeUp;
    }

    /** The record that supersedes the value is published; no new reader finds it. */
    void add(LargeSegment segment) {
        waitingCount.incrementAndGet();
        superseded.add(segment);
        wakeUp.run();
    }

    /** Deletes some files if too many wait for it. Called before a write, without any lock. */
    void relieve() {
        if (waitingCount.get() < MOST_WAITING) {
            return;
        }
        lock.lock();
        try {
            if (waitingCount.get() >= MOST_WAITING && !failure.isSet()) {
                work(HELPED_COUNT);
            }
        } catch (IOException | StoreException e) {
            // The background says so. The write at hand has no part in it, unless the store has failed.
            failure.checkSound();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int doWork() throws IOException {
        lock.lock();
        try {
            boolean isIdle = superseded.isEmpty() && undeleted.isEmpty() && held.isEmpty();
            return isIdle || failure.isSet() ? 0 : work(Integer.MAX_VALUE);
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private int work(int most) throws IOException {
        List<LargeSegment> batch = take(most);
        if (!batch.isEmpty()) {
            boolean durable = false;
            try {
                groupCommit.await();
                durable = true;
            } finally {
                if (!durable) {
                    superseded.addAll(batch);
                }
            }
            waitingCount.addAndGet(-batch.size());
        }
        for (LargeSegment segment : batch) {
            segment.retire();
            held.add(segment);
        }
        int count = held.size();
        for (Iterator<LargeSegment> left = held.iterator(); left.hasNext(); ) {
            LargeSegment segment = left.next();
            if (!segment.isHeld() || segment.keepForReaders()) {
                undeleted.add(segment.name());
                left.remove();
            }
        }
        deleteFiles();
        return count - held.size();
    }

    private List<LargeSegment> take(int most) {
        List<LargeSegment> batch = new ArrayList<>();
        while (batch.size() < most) {
            LargeSegment next = superseded.poll();
            if (next == null) {
                break;
            }
            batch.add(next);
        }
        return batch;
    }

    /** One that cannot be deleted now does not keep the others from it. */
    @GuardedBy("lock")
    private void deleteFiles() throws IOException {
        IOException failed = null;
        for (int left = undeleted.size(); left > 0; left--) {
            String name = undeleted.removeFirst();
            try {
                factory.delete(name);
            } catch (IOException e) {
                undeleted.addLast(name);
                failed = e;
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    /**
     * Deletes the remaining files, even under readers, whose views end with the store. Everything is forced, and there
     * are no more writes.
     */
    public void close() throws IOException {
        lock.lock();
        try {
            work(Integer.MAX_VALUE);
            for (LargeSegment segment : held) {
                undeleted.add(segment.name());
                segment.close();
            }
            held.clear();
            deleteFiles();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String roleName() {
        return "deferred-deletion";
    }
}
