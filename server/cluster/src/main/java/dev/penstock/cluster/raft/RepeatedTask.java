package dev.penstock.cluster.raft;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;

/**
 * A task that a timer repeats. A timer ends a task that throws, and says nothing; this one logs what is thrown, at most
 * once a minute, and comes again. For one thread at a time.
 */
public final class RepeatedTask implements Runnable {

    private static final Logger LOG = System.getLogger(RepeatedTask.class.getName());
    private static final long LINE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final String thread;
    private final Runnable task;
    private boolean hasLine;
    private long lastLineNanos;

    /** @param thread whose task it is, for the log */
    public RepeatedTask(String thread, Runnable task) {
        this.thread = thread;
        this.task = task;
    }

    @Override
    public void run() {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            long now = System.nanoTime();
            if (!hasLine || now - lastLineNanos > LINE_NANOS) {
                hasLine = true;
                lastLineNanos = now;
                LOG.log(Level.WARNING, thread + ": a task has failed; it comes again", e);
            }
        }
    }
}
