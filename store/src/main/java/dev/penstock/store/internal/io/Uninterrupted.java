package dev.penstock.store.internal.io;

import java.io.IOException;

/** Runs what must neither be disturbed by an interrupt nor be made twice, on a thread that nobody knows. */
final class Uninterrupted {

    /** What is to be done. */
    interface Action {

        void run() throws IOException;
    }

    private Uninterrupted() {}

    static void run(Action action) throws IOException {
        Throwable[] thrown = new Throwable[1];
        Thread thread = Thread.ofPlatform().daemon().name("penstock-call").start(() -> {
            try {
                action.run();
            } catch (IOException | RuntimeException | Error e) {
                thrown[0] = e;
            }
        });
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
        switch (thrown[0]) {
            case null -> {}
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new AssertionError(thrown[0]);
        }
    }
}
