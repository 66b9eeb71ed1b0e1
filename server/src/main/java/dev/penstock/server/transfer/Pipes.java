package dev.penstock.server.transfer;

import dev.penstock.store.transfer.SplicePipe;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The pipes of one event loop. Their number is small: each takes two file descriptors, which clients' sockets also
 * need, and memory that the system bounds for all pipes of a user.
 *
 * <p>Belongs to the event loop's thread; not thread-safe.
 */
final class Pipes implements AutoCloseable {

    private static final int MOST_IN_USE = 64;
    private static final int MOST_IDLE = 8;

    private final ArrayDeque<SplicePipe> idle = new ArrayDeque<>(MOST_IDLE);
    private int inUse;

    /** An empty pipe, or null if there is none to be had now. */
    @Nullable
    SplicePipe take() {
        if (inUse == MOST_IN_USE) {
            return null;
        }
        SplicePipe pipe = idle.isEmpty() ? SplicePipe.open() : idle.removeLast();
        if (pipe != null) {
            inUse++;
        }
        return pipe;
    }

    /** Takes a pipe back, and drops its content. */
    void giveBack(SplicePipe pipe) {
        inUse--;
        if (pipe.content() == 0 && idle.size() < MOST_IDLE) {
            idle.addLast(pipe);
        } else {
            pipe.close();
        }
    }

    @Override
    public void close() {
        idle.forEach(SplicePipe::close);
        idle.clear();
    }
}
