package dev.penstock.store.check;

import dev.penstock.store.internal.io.PageFaults;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Checks files on several threads, and hands out the results in the order of the files, whichever is done first.
 *
 * <p>At most two files for each thread are begun before their results are taken, so what waits is bounded. The first
 * failure that is taken ends all: {@link #close} returns when no thread touches a file any more. As everywhere in the
 * store, an interrupt does not end a call.
 *
 * <p>One thread is that of the caller: each file is checked when the caller takes its result.
 *
 * @param <F> what is checked
 * @param <R> what a check returns
 */
final class ParallelChecks<F, R> implements AutoCloseable {

    /** How one file is checked, on any thread. */
    interface Check<F, R> {

        /** @param read is to be told the bytes that were read, in small steps; throws if the result is not wanted */
        R of(F file, LongConsumer read) throws IOException;
    }

    /** More processors hardly read faster than a device delivers. */
    private static final int MOST_THREADS = 8;

    private static final int FILES_PER_THREAD = 2;
    private static final long LISTENER_MILLIS = 100;
    private static final long LISTENER_BYTES = 1 << 20;

    private final Iterator<F> files;
    private final Check<F, R> check;
    /** Null if the caller's thread checks. */
    private final @Nullable ExecutorService threads;

    private final Queue<FutureTask<R>> begun = new ArrayDeque<>();
    private final LongAdder readBytes = new LongAdder();
    private volatile boolean ended;
    /** Of the caller's thread, if it checks. */
    private Runnable whileReading = () -> {};

    private long reportedBytes;

    /** @param threadCount at least 1 */
    ParallelChecks(Iterable<F> files, Check<F, R> check, int threadCount) {
        this.files = files.iterator();
        this.check = check;
        this.threads = threadCount == 1
                ? null
                : Executors.newFixedThreadPool(
                        threadCount,
                        Thread.ofPlatform().daemon().name("penstock-verify").factory());
        boolean begins = false;
        try {
            for (int i = 0; i < FILES_PER_THREAD * threadCount; i++) {
                beginNext();
            }
            begins = true;
        } finally {
            if (!begins) {
                close();
            }
        }
    }

    /** As many threads as processors, up to a bound. */
    static int usualThreadCount() {
        return Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
    }

    private void beginNext() {
        if (files.hasNext()) {
            F file = files.next();
            FutureTask<R> task = new FutureTask<>(() -> checked(file));
            begun.add(task);
            if (threads != null) {
                threads.execute(task);
            }
        }
    }

    /** A page that is lost fails the check that touched it, not whatever the thread does next. */
    private R checked(F file) throws IOException {
        R result = check.of(file, this::read);
        PageFaults.deliver();
        return result;
    }

    private void read(long bytes) {
        if (ended) {
            throw new CancellationException();
        }
        readBytes.add(bytes);
        if (threads == null && readBytes() - reportedBytes >= LISTENER_BYTES) {
            reportedBytes = readBytes();
            whileReading.run();
        }
    }

    /** Bytes that were read so far, by all threads. */
    long readBytes() {
        return readBytes.sum();
    }

    /**
     * Waits for the result of the next file. May be called as often as there are files.
     *
     * @param whileWaiting called now and then until the result is there
     */
    R next(Runnable whileWaiting) throws IOException {
        FutureTask<R> task = begun.remove();
        if (threads == null) {
            whileReading = whileWaiting;
            task.run();
        }
        R result = await(task, whileWaiting);
        beginNext();
        return result;
    }

    private static <R> R await(Future<R> result, Runnable whileWaiting) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return result.get(LISTENER_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    whileWaiting.run();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new AssertionError(e);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Ends what is not done yet. */
    @Override
    public void close() {
        ended = true;
        begun.forEach(check -> check.cancel(false));
        if (threads != null) {
            threads.close();
        }
    }
}
