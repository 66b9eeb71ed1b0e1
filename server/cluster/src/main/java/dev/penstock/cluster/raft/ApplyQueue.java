package dev.penstock.cluster.raft;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Hands committed entries to a replica: in order, each one once, and none skipped, whatever goes wrong here.
 *
 * <p>While the replica applies some entries, the next ones gather; then it gets all of them. If it fails, its mark says
 * how far it has come, and it gets the rest again, until it succeeds. If it has failed for good, or fails for ten
 * seconds by what cannot pass, the queue stops: the engine is never told of a failure, since it would go on with the
 * next entry, and the replica would differ from then on.
 *
 * <p>The engine's own entries pass through here too. They have nothing to execute, but the mark that names one says
 * that all entries before it are applied.
 *
 * <p>Thread-safe; entries are added by one thread. That thread waits while much is waiting, so that a replica that
 * catches up does not gather the whole log in memory. The lock is not held while the replica is called or a future
 * completes.
 */
final class ApplyQueue {

    static final int MAX_WAITING_ENTRIES = 64;
    static final long MAX_WAITING_BYTES = 8L << 20;

    /** A failure that cannot pass is believed after this time, since others may have taken the memory. */
    private static final long PATIENCE_MILLIS = 10_000;

    private static final long FIRST_RETRY_MILLIS = 50;
    private static final long LAST_RETRY_MILLIS = 1000;

    /** Is told what goes wrong, by the thread that has found it. */
    interface Faults {

        /** The replica has failed; it is tried again. */
        void onFault(Throwable cause);

        void onRecovery();

        /** The queue has stopped for good. */
        void onStop(Throwable cause);
    }

    /** An entry, and who waits for it. */
    private record Waiting(
            CommittedEntry committed, @Nullable Submission own, CompletableFuture<Void> applied) {

        void complete() {
            if (own != null) {
                own.succeed(committed.position().index());
            }
            applied.complete(null);
        }
    }

    private final Replica replica;
    private final ScheduledExecutorService timer;
    private final Faults faults;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition shrunk = lock.newCondition();

    @GuardedBy("lock")
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

    @GuardedBy("lock")
    private long waitingBytes;

    /** Whether a thread has entries applied, or a retry is due. No other thread may until it has found no more. */
    @GuardedBy("lock")
    private boolean isApplying;

    /** Completes when the replica has answered for the entries that it got last. */
    @GuardedBy("lock")
    private CompletableFuture<Void> underWay = CompletableFuture.completedFuture(null);

    private volatile LogPosition applied;
    private final AtomicLong appliedBytes = new AtomicLong();
    private volatile boolean isClosed;
    private final AtomicInteger attempts = new AtomicInteger();

    /** Belong to the thread that has entries applied. */
    private boolean isLasting;

    private long lastingSinceNanos;
    private final long patienceNanos;

    ApplyQueue(Replica replica, ScheduledExecutorService timer, Faults faults) {
        this(replica, timer, faults, PATIENCE_MILLIS);
    }

    /** @param patienceMillis for how long an entry fails by what cannot pass before the queue stops */
    ApplyQueue(Replica replica, ScheduledExecutorService timer, Faults faults, long patienceMillis) {
        this.replica = replica;
        this.patienceNanos = TimeUnit.MILLISECONDS.toNanos(patienceMillis);
        this.timer = timer;
        this.faults = faults;
        this.applied = replica.applied();
    }

    /** The last entry that is applied. */
    LogPosition applied() {
        return applied;
    }

    /** The length of all entries that were applied since the queue was made. */
    long appliedBytes() {
        return appliedBytes.get();
    }

    /** Whether the entry at the head has failed at least once. */
    boolean hasFault() {
        return attempts.get() > 0;
    }

    boolean isClosed() {
        return isClosed;
    }

    int waitingCount() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Adds the next entry of the log, unless it is applied already.
     *
     * @return completes when the entry is applied, or the queue is closed; never exceptionally
     */
    CompletableFuture<Void> add(CommittedEntry committed, @Nullable Submission own) {
        Waiting added = new Waiting(committed, own, new CompletableFuture<>());
        lock.lock();
        try {
            while (isFull() && !isClosed) {
                shrunk.awaitUninterruptibly();
            }
            if (isClosed || committed.position().index() <= applied.index()) {
                return CompletableFuture.completedFuture(null);
            }
            waiting.add(added);
            waitingBytes += committed.length();
            if (isApplying) {
                return added.applied();
            }
            isApplying = true;
        } finally {
            lock.unlock();
        }
        run(List.of(added));
        return added.applied();
    }

    @GuardedBy("lock")
    private boolean isFull() {
        return waiting.size() >= MAX_WAITING_ENTRIES || waitingBytes >= MAX_WAITING_BYTES;
    }

    /** Has entries applied, and then those that have gathered, until there are none or the replica takes its time. */
    @SuppressWarnings("FutureReturnValueIgnored") // next() lets nothing out
    private void run(List<Waiting> first) {
        List<Waiting> batch = first;
        while (!batch.isEmpty()) {
            CompletableFuture<Void> attempt = attempt(batch);
            if (!attempt.isDone()) {
                List<Waiting> slow = batch;
                attempt.whenComplete((_, fault) -> run(next(slow, fault)));
                return;
            }
            batch = next(batch, attempt.isCompletedExceptionally() ? attempt.exceptionNow() : null);
        }
    }

    private CompletableFuture<Void> attempt(List<Waiting> batch) {
        CompletableFuture<Void> answered = new CompletableFuture<>();
        lock.lock();
        try {
            if (isClosed) {
                return CompletableFuture.completedFuture(null);
            }
            underWay = answered;
        } finally {
            lock.unlock();
        }
        CompletableFuture<Void> attempt;
        try {
            attempt = replica.apply(batch.stream().map(Waiting::committed).toList());
        } catch (RuntimeException | Error e) {
            attempt = CompletableFuture.failedFuture(e);
        }
        return attempt.whenComplete((_, _) -> answered.complete(null));
    }

    /** Returns what the replica gets next; nothing if it has to wait. */
    private List<Waiting> next(List<Waiting> batch, @Nullable Throwable fault) {
        try {
            return settle(batch, fault);
        } catch (RuntimeException | Error e) {
            stop(e); // or all would wait for ever
            return List.of();
        }
    }

    /** Takes leave of what is applied, and finds out about the rest. */
    private List<Waiting> settle(List<Waiting> batch, @Nullable Throwable fault) {
        LogPosition mark = mark();
        long end = batch.getLast().committed().position().index();
        if (mark.index() > end) {
            stop(new IllegalStateException("the replica got entries up to " + end + ", and its mark names " + mark));
            return List.of();
        }
        List<Waiting> done = new ArrayList<>(batch);
        done.removeIf(each -> each.committed().position().index() > mark.index());
        remove(done);
        done.forEach(Waiting::complete);
        List<Waiting> rest = batch.subList(done.size(), batch.size());
        if (isClosed) {
            return List.of();
        }
        if (rest.isEmpty()) {
            recover();
            return take();
        }
        Throwable cause = fault != null
                ? unwrapped(fault)
                : new IllegalStateException("the replica has said that it has applied "
                        + rest.getLast().committed().position() + ", and its mark names " + mark);
        if (fault == null || replica.hasFailed()) {
            stop(cause);
        } else if (isHopeless(cause, !done.isEmpty())) {
            stop(new UnappliedEntryException(rest.getFirst().committed().position(), cause));
        } else {
            retry(rest, cause);
        }
        return List.of();
    }

    private boolean isHopeless(Throwable cause, boolean hasProgress) {
        if (replica.canPass(cause)) {
            isLasting = false;
            return false;
        }
        long now = System.nanoTime();
        if (!isLasting || hasProgress) {
            isLasting = true;
            lastingSinceNanos = now;
        }
        return now - lastingSinceNanos >= patienceNanos;
    }

    private LogPosition mark() {
        try {
            return replica.applied();
        } catch (RuntimeException e) {
            return applied; // as good as a replica that has applied nothing of the batch
        }
    }

    private static Throwable unwrapped(Throwable fault) {
        return fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
    }

    private void remove(List<Waiting> done) {
        lock.lock();
        try {
            for (Waiting each : done) {
                if (isClosed) {
                    return;
                }
                waiting.remove();
                waitingBytes -= each.committed().length();
                applied = each.committed().position();
                appliedBytes.addAndGet(each.committed().length());
            }
            shrunk.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private List<Waiting> take() {
        lock.lock();
        try {
            isApplying = !waiting.isEmpty();
            return List.copyOf(waiting);
        } finally {
            lock.unlock();
        }
    }

    private void recover() {
        isLasting = false;
        if (attempts.getAndSet(0) > 0) {
            faults.onRecovery();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // as run() does
    private void retry(List<Waiting> rest, Throwable cause) {
        long delayMillis = Math.min(LAST_RETRY_MILLIS, FIRST_RETRY_MILLIS << Math.min(attempts.getAndIncrement(), 10));
        faults.onFault(cause);
        timer.schedule(() -> run(isClosed ? List.of() : rest), delayMillis, TimeUnit.MILLISECONDS);
    }

    /** Applies nothing any more, and says why. */
    void stop(Throwable cause) {
        close();
        faults.onStop(cause);
    }

    /**
     * Of a queue that is closed: completes when the replica has nothing of it under way any more, so that another queue
     * may begin where its mark says.
     */
    CompletableFuture<Void> idle() {
        lock.lock();
        try {
            return underWay;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Applies nothing any more. What waits is let go, so that the engine can end; the node looks at {@link
     * #isClosed} first, and acknowledges nothing.
     */
    void close() {
        List<Waiting> abandoned;
        lock.lock();
        try {
            isClosed = true;
            abandoned = List.copyOf(waiting);
            waiting.clear();
            shrunk.signalAll();
        } finally {
            lock.unlock();
        }
        for (Waiting each : abandoned) {
            if (each.own() != null) {
                each.own().fail(SubmitOutcome.Reason.STOPPED);
            }
            each.applied().complete(null);
        }
    }
}
