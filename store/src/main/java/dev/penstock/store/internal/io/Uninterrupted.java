package dev.penstock.store.internal.io;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/** Runs actions that an interrupt must not disturb. The interrupt status is restored afterwards. */
public final class Uninterrupted {

    /** What is to be done. */
    interface Action {

        void run() throws IOException;
    }

    private Uninterrupted() {}

    /** Runs what must neither be disturbed by an interrupt nor be made twice, on a thread that nobody knows. */
    static void run(Action action) throws IOException {
        Throwable[] thrown = new Throwable[1];
        Thread thread = Thread.ofPlatform().daemon().name("penstock-call").start(() -> {
            try {
                action.run();
            } catch (IOException | RuntimeException | Error e) {
                thrown[0] = e;
            }
        });
        join(thread);
        switch (thrown[0]) {
            case null -> {}
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new AssertionError(thrown[0]);
        }
    }

    /** Waits until a latch is at zero. */
    public static void await(CountDownLatch latch) {
        boolean interrupted = false;
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until a thread has ended. */
    public static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
