package dev.penstock.tools.serve;

import dev.penstock.store.CorruptionException;
import dev.penstock.tools.process.ToolException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** How a program that serves runs and ends, whatever it serves: its log says why. Stateless. */
final class ServerRun {

    private ServerRun() {}

    /** Serves until it is told to stop, and returns the exit code. */
    @FunctionalInterface
    interface Serving {
        int run() throws IOException, InterruptedException;
    }

    /** Serves with the log installed. A failure is thrown and logged; one of the store says what to do about it. */
    static int logged(ServerLog log, Path store, Serving serving) throws IOException, InterruptedException {
        log.install();
        try {
            return serving.run();
        } catch (CorruptionException e) {
            ToolException damaged = ToolException.damaged(store, e);
            log.failed(damaged);
            throw damaged;
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            log.failed(e);
            throw e;
        }
    }

    /** Stops a server on a thread of the JVM that ends, which waits for the store. */
    static void stop(ServerLog log, ServiceNotifier notifier, Runnable server, CountDownLatch closed) {
        notifier.stopping();
        log.event("stopping: the process was told to end");
        server.run();
        try {
            closed.await();
        } catch (InterruptedException e) {
            // The JVM exits anyway; the next start recovers a store that was not closed.
            Thread.currentThread().interrupt();
        }
    }
}
