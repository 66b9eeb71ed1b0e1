package dev.penstock.store.internal.log;

import dev.penstock.store.internal.event.FlightRecording;
import dev.penstock.store.internal.event.ForceEvent;
import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.io.OutOfDescriptorsException;
import dev.penstock.store.internal.io.StoreErrors;
import dev.penstock.store.internal.reclaim.Leased;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentFactory;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes the log durable. A writer that arrives while a force is under way waits for the next one, and one force then
 * serves all waiting writers.
 *
 * <p>Large values are forced before the log that refers to them, the names of their files too. After a force that
 * failed the store has failed for good: the kernel may have dropped the pages and would report the next force as a
 * success.
 *
 * <p>Thread-safe.
 */
public final class GroupCommit {

    private static final long LONGEST_PARK_NANOS = 10_000_000;

    private final SegmentSet segments;
    private final SegmentFactory factory;
    private final Log log;
    private final FailureLatch failure;
    private final ReentrantLock forceLock = new ReentrantLock();
    private final ForceWaiters waiters = new ForceWaiters();
    /** How many the last force was shared with. */
    private volatile int lastWoken;

    private final ForceLatencies latencies = new ForceLatencies();
    private final Queue<LargeSegment> unforced = new ConcurrentLinkedQueue<>();
    private final AtomicInteger unforcedCount = new AtomicInteger();
    private final int mostUnforced;
    /** How many forces there were. */
    private final AtomicInteger forcedCount = new AtomicInteger();

    public GroupCommit(SegmentSet segments, SegmentFactory factory, Log log, FailureLatch failure) {
        this.segments = segments;
        this.factory = factory;
        this.log = log;
        this.failure = failure;
        this.mostUnforced = Math.max(1, factory.openFileCount() / 2);
        addRecovered();
    }

    /** The writes of a process that died are in the page cache, and not necessarily on the device. */
    private void addRecovered() {
        for (LargeSegment segment : segments.largeSegments()) {
            if (segment.referencePosition() >= log.durablePosition()) {
                add(segment);
            }
        }
    }

    /** A large value that the log is about to refer to. */
    public void add(LargeSegment segment) {
        unforcedCount.incrementAndGet();
        unforced.add(segment);
    }

    /** Returns when all that was published before the call is durable. */
    public void await() {
        long target = log.publishedPosition();
        boolean interrupted = false;
        ForceWaiters.Waiter waiter = null;
        try {
            while (log.durablePosition() < target) {
                failure.checkSound();
                if (forceLock.tryLock()) {
                    lead(target);
                } else {
                    waiter = waiter == null ? new ForceWaiters.Waiter() : waiter;
                    interrupted |= isInterruptedWhileParked(waiter, target);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Forces for everyone, and wakes who waited: all at once, so that they are back together for the next force. */
    private void lead(long target) {
        try {
            if (log.durablePosition() < target) {
                failure.checkSound();
                gather();
                force();
            }
        } finally {
            endTurn();
        }
    }

    /** Releases the lock, and wakes the writers that saw it held. */
    private void endTurn() {
        forceLock.unlock();
        lastWoken = wakeWaiters();
    }

    /**
     * The writers that waited for the last force may be about to publish their next records: yields to them briefly.
     */
    @SuppressWarnings("ThreadPriorityCheck") // the others are runnable, and the force takes far longer than their turn
    private void gather() {
        for (int turn = 0; turn < lastWoken; turn++) {
            Thread.yield();
        }
    }

    /**
     * Waits for the end of the force under way, and returns whether the thread was interrupted. The forcing thread
     * releases the lock before it looks for waiters. So a waiter that sees the lock held, after it has joined the list,
     * is woken.
     */
    private boolean isInterruptedWhileParked(ForceWaiters.Waiter waiter, long target) {
        waiters.list(waiter);
        if (isForcing() && log.durablePosition() < target) {
            LockSupport.parkNanos(this, LONGEST_PARK_NANOS);
        }
        return Thread.interrupted();
    }

    /** Whether a force is under way. */
    boolean isForcing() {
        return forceLock.isLocked();
    }

    /** Wakes the writers that wait for the end of a force; returns how many there were. */
    int wakeWaiters() {
        return waiters.wakeAll();
    }

    /** Whether so many large values wait to be forced that their writers must. */
    boolean isOverdue() {
        return unforcedCount.get() >= mostUnforced;
    }

    /**
     * Forces what waits for it if that is too much: each large value keeps a file descriptor until it is forced. Called
     * before a large value is begun, without any lock.
     */
    public void relieve() {
        if (isOverdue()) {
            forceUnforced();
        }
    }

    /** Forces all large values that wait for it, and the log; false if none do. */
    public boolean forceUnforced() {
        int before = forcedCount.get();
        if (unforcedCount.get() == 0) {
            return false;
        }
        forceLock.lock();
        try {
            failure.checkSound();
            if (forcedCount.get() == before) {
                force();
            }
        } finally {
            endTurn();
        }
        return true;
    }

    private void force() {
        long target = log.publishedPosition();
        ForceEvent event = FlightRecording.isOn() ? ForceEvent.start() : null;
        long start = System.nanoTime();
        long first = segments.number(log.durablePosition());
        long last = segments.number(target);
        try {
            forceLargeValues();
            List<Segment> log = segments.logSegments(first, last);
            for (int i = 0; i < log.size(); i++) {
                forceLeased(log.get(i));
            }
            // It may be on the device, and still nobody would find it.
            factory.checkPlace();
        } catch (OutOfDescriptorsException e) {
            // Of what was to be forced nothing has failed: the same again may succeed.
            throw StoreErrors.ofSystem("forcing the log to the device", e);
        } catch (IOException e) {
            throw failure.set("forcing the log to the device failed", e);
        }
        forcedCount.incrementAndGet();
        latencies.add(System.nanoTime() - start);
        if (event != null) {
            event.bytes = target - log.durablePosition();
            event.commit();
        }
        log.durable(target);
        if (first < last) {
            segments.logSegments(first, last - 1).forEach(Segment::forced);
        }
    }

    /** How long forces have taken. */
    public ForceLatencies latencies() {
        return latencies;
    }

    private void forceLargeValues() throws IOException {
        if (unforced.isEmpty()) {
            return;
        }
        List<LargeSegment> batch = new ArrayList<>();
        for (LargeSegment next = unforced.poll(); next != null; next = unforced.poll()) {
            batch.add(next);
        }
        boolean forced = false;
        try {
            for (LargeSegment segment : batch) {
                forceLeased(segment);
            }
            if (!batch.isEmpty()) {
                factory.forceNames();
            }
            forced = true;
        } finally {
            if (forced) {
                unforcedCount.addAndGet(-batch.size());
            } else {
                unforced.addAll(batch);
            }
        }
    }

    private static void forceLeased(LargeSegment segment) throws IOException {
        int lease = segment.acquire();
        if (lease != Leased.NO_LEASE) {
            try {
                segment.force();
            } finally {
                segment.release(lease);
            }
        }
    }

    private static void forceLeased(Segment segment) throws IOException {
        int lease = segment.acquire();
        if (lease != Leased.NO_LEASE) {
            try {
                segment.file().force();
            } finally {
                segment.release(lease);
            }
        }
    }
}
