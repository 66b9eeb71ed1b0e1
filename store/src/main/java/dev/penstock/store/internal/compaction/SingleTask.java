package dev.penstock.store.internal.compaction;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/** Runs one task at a time on another thread. Used by one thread. */
final class SingleTask {

    /** What is done. */
    @FunctionalInterface
    interface Work {
        void run() throws IOException;
    }

    private final Executor thread;
    private CompletableFuture<Void> work = CompletableFuture.completedFuture(null);

    /** @param thread runs what it is given, once */
    SingleTask(Executor thread) {
        this.thread = thread;
    }

    /** Begins something; nothing is under way. */
    void begin(Work next) {
        work = CompletableFuture.runAsync(
                () -> {
                    try {
                        next.run();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                thread);
    }

    /** Whether something is under way still. */
    boolean isBusy() {
        return !work.isDone();
    }

    /**
     * Waits for the running task, even if this thread is interrupted. If the task failed, throws its exception, once.
     */
    void finish() throws IOException {
        CompletableFuture<Void> last = work;
        work = CompletableFuture.completedFuture(null);
        try {
            last.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case UncheckedIOException wrapped -> throw wrapped.getCause();
                case RuntimeException failed -> throw failed;
                case Error failed -> throw failed;
                case null, default -> throw e;
            }
        }
    }
}
