package dev.penstock.store.internal.compaction;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/** One piece of work at a time that another thread does meanwhile. Used by one thread. */
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

    /** Waits for what is under way, also if the thread is interrupted; throws what it failed with, once. */
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
