package dev.penstock.server.session;

import dev.penstock.server.resp.CommandError;
import dev.penstock.store.StoreClosedException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;

/** A task that a command starts and does not wait for, one at a time. Thread-safe. */
public final class BackgroundTask {

    private static final Logger LOG = System.getLogger(BackgroundTask.class.getName());

    private final String name;
    private final String alreadyRunning;
    private final Runnable work;
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile boolean failed;

    /** @param alreadyRunning the error that a second one gets */
    BackgroundTask(String name, String alreadyRunning, Runnable work) {
        this.name = name;
        this.alreadyRunning = alreadyRunning;
        this.work = work;
    }

    public boolean isRunning() {
        return running.get();
    }

    /** Whether the last one ended badly. */
    public boolean hasFailed() {
        return failed;
    }

    public void start() {
        if (!running.compareAndSet(false, true)) {
            throw new CommandError(alreadyRunning);
        }
        Thread.ofPlatform().daemon().name("penstock-" + name).start(() -> {
            try {
                work.run();
                failed = false;
            } catch (StoreClosedException stopped) {
                LOG.log(Level.DEBUG, "{0} ended with the server", name);
            } catch (RuntimeException e) {
                failed = true;
                LOG.log(Level.ERROR, name + " in the background failed", e);
            } finally {
                running.set(false);
            }
        });
    }
}
