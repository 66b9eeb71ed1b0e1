package dev.penstock.typed;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.penstock.store.Durability;
import dev.penstock.store.Key;
import dev.penstock.store.Store;
import dev.penstock.store.StoreClosedException;
import dev.penstock.store.StoreException;
import dev.penstock.store.WriteOptions;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Puts whose stages complete when they are durable.
 *
 * <p>The caller's thread writes, without waiting for the device. One thread forces: it takes all writes that wait,
 * syncs the store once, and completes their stages, while the next ones gather. {@link Store#sync} is a group commit
 * itself, so that such a force is shared with writers that wait for the device on their own. The thread is started for
 * the first write and ends when there was none for a second.
 *
 * <p>A write counts as pending from before it is written until the force that covers it has ended. At most {@code
 * mostPending} are; a caller waits for its turn, uninterruptibly as in every write of the store. Stages complete on the
 * default executor of {@link CompletableFuture}, one task each: what depends on one stage delays neither the forces nor
 * the other stages. A pending write ends before its stage completes, so that a function that depends on the stage may
 * put again.
 *
 * <p>If no thread can be started, the caller's thread forces. If the executor refuses a task, the thread that forced
 * completes the stage. Either is slower, and no stage is left behind.
 *
 * <p>Thread-safe. The lock is not held while the store is called or a stage completes.
 */
final class DurablePuts implements AutoCloseable {

    private static final long IDLE_SECONDS = 1;

    private final Store store;
    private final Runnable force;
    private final int mostPending;
    private final ThreadPoolExecutor forcing;
    private final Executor completing;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();

    /** Written, and not covered by the force under way. */
    @GuardedBy("lock")
    private List<CompletableFuture<Boolean>> waiting = new ArrayList<>();

    @GuardedBy("lock")
    private int pendingCount;

    @GuardedBy("lock")
    private boolean isForcing;

    @GuardedBy("lock")
    private boolean isClosed;

    /**
     * Creates the puts of a store, without any.
     *
     * @param force returns when all that was written before the call is durable
     */
    DurablePuts(Store store, Runnable force, int mostPending) {
        this(
                store,
                force,
                mostPending,
                Thread.ofPlatform().daemon().name("penstock-put-async").factory(),
                new CompletableFuture<>().defaultExecutor());
    }

    /**
     * The same with other threads.
     *
     * @param threads makes the thread that forces
     * @param completing completes the stages
     */
    DurablePuts(Store store, Runnable force, int mostPending, ThreadFactory threads, Executor completing) {
        this.store = store;
        this.force = force;
        this.mostPending = mostPending;
        this.forcing =
                new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);
        this.completing = completing;
        forcing.allowCoreThreadTimeOut(true);
    }

    CompletionStage<Boolean> put(Key key, MemorySegment value, WriteOptions options) {
        WriteOptions unforced = unforced(options);
        begin();
        boolean isEnlisted = false;
        try {
            if (!store.put(key, value, unforced)) {
                return CompletableFuture.completedStage(false);
            }
            CompletableFuture<Boolean> written = new CompletableFuture<>();
            boolean isFirst = enlist(written);
            isEnlisted = true;
            if (isFirst) {
                begin(forcing, this::forceWaiting);
            }
            return written.minimalCompletionStage();
        } catch (StoreException e) {
            return CompletableFuture.failedStage(e);
        } finally {
            if (!isEnlisted) {
                end(1);
            }
        }
    }

    /** The caller's thread waits for no force, whatever the durability of the store is. */
    private static WriteOptions unforced(WriteOptions options) {
        try {
            return options.durability(Durability.NONE);
        } catch (IllegalStateException e) {
            throw new IllegalArgumentException(
                    "putAsync takes no options with durability: its stage completes when the value is on the device",
                    e);
        }
    }

    /** Waits until few enough writes are pending, and counts one more. */
    private void begin() {
        lock.lock();
        try {
            while (pendingCount >= mostPending && !isClosed) {
                ended.awaitUninterruptibly();
            }
            if (isClosed) {
                throw new StoreClosedException("the typed store is closed");
            }
            pendingCount++;
        } finally {
            lock.unlock();
        }
    }

    private void end(int count) {
        lock.lock();
        try {
            pendingCount -= count;
            ended.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Adds a write for the next force, and returns whether the caller has to begin the forces. */
    private boolean enlist(CompletableFuture<Boolean> written) {
        lock.lock();
        try {
            waiting.add(written);
            boolean isFirst = !isForcing;
            isForcing = true;
            return isFirst;
        } finally {
            lock.unlock();
        }
    }

    /** Runs a task on an executor, or where that does not take it, for lack of a thread or else, on this one. */
    private static void begin(Executor executor, Runnable task) {
        try {
            executor.execute(task);
        } catch (RuntimeException | Error e) {
            task.run();
        }
    }

    /** Forces until nothing waits. */
    private void forceWaiting() {
        for (List<CompletableFuture<Boolean>> covered = take(); !covered.isEmpty(); covered = take()) {
            Throwable failure = failureOfForce();
            end(covered.size());
            for (CompletableFuture<Boolean> written : covered) {
                complete(written, failure);
            }
        }
    }

    private List<CompletableFuture<Boolean>> take() {
        lock.lock();
        try {
            List<CompletableFuture<Boolean>> taken = waiting;
            waiting = new ArrayList<>();
            isForcing = !taken.isEmpty();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Whatever it is, someone waits for it. */
    private @Nullable Throwable failureOfForce() {
        try {
            force.run();
            return null;
        } catch (Throwable e) {
            return e;
        }
    }

    private void complete(CompletableFuture<Boolean> written, @Nullable Throwable failure) {
        begin(completing, () -> {
            if (failure == null) {
                written.complete(true);
            } else {
                written.completeExceptionally(failure);
            }
        });
    }

    /**
     * Accepts no more writes, and returns when none is pending; the last stages may complete later. Those that wait for
     * their turn are refused.
     */
    @Override
    public void close() {
        lock.lock();
        try {
            isClosed = true;
            ended.signalAll();
            while (pendingCount > 0) {
                ended.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
        forcing.shutdown();
    }
}
