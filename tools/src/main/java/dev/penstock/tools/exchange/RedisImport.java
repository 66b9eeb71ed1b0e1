package dev.penstock.tools.exchange;

import dev.penstock.tools.load.LoadTarget;
import dev.penstock.tools.load.Loader;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An import from a server that notes now and then how far it is, so that another one can go on there: every five
 * seconds, and when it fails. What is before the noted point is on the device. One thread.
 */
public final class RedisImport {

    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final RedisSource source;
    private final LoadTarget target;
    private final ResumePoint point;
    private long notedNanos = System.nanoTime();
    private @Nullable String noted;

    public RedisImport(RedisSource source, LoadTarget target, ResumePoint point) {
        this.source = source;
        this.target = target;
        this.point = point;
    }

    /**
     * Goes on where an earlier import stopped, if it can.
     *
     * @return whether it does
     */
    public boolean resume() throws IOException {
        String cursor = point.cursor();
        if (cursor == null) {
            return false;
        }
        noted = cursor;
        source.resume(cursor);
        return true;
    }

    /** Whether another import can go on where this one stopped, or stopped before. */
    public boolean isResumable() {
        return noted != null;
    }

    /**
     * Imports everything.
     *
     * @param name what to call the server in messages
     * @param step done after each entry
     */
    public void run(Loader loader, String name, Loader.Step step) throws IOException {
        try {
            loader.load(name, source, () -> {
                step.done();
                if (System.nanoTime() - notedNanos > INTERVAL_NANOS) {
                    note();
                }
            });
        } catch (IOException | RuntimeException e) {
            noteAfter(e);
            throw e;
        }
        target.sync();
        point.delete();
    }

    private void note() throws IOException {
        String cursor = source.cursor();
        // The cursors of a server without a name cannot be told from those of another.
        boolean meansSomething =
                !cursor.equals(RedisSource.FIRST_CURSOR) && !source.runId().isEmpty();
        if (meansSomething && !cursor.equals(noted)) {
            target.sync();
            point.save(cursor);
            noted = cursor;
        }
        notedNanos = System.nanoTime();
    }

    /** If that fails as well, the point before holds. */
    private void noteAfter(Exception failure) {
        try {
            note();
        } catch (IOException | RuntimeException e) {
            failure.addSuppressed(e);
        }
    }
}
