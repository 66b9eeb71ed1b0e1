package dev.penstock.server.turn;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The rest of a command that takes more than a turn. The client's further requests, and all of its replies, wait until
 * it is done; other clients have their turns in between. Event-loop thread only, except {@link #elsewhere}.
 */
public interface Suspended extends AutoCloseable {

    /** Attempts per turn of a change that another writer may interfere with. */
    int ATTEMPTS = 16;

    /**
     * Goes on until the turn is over.
     *
     * @return whether the command is done, and its reply complete. It may throw what the
     *     command itself may, and is done then
     */
    boolean goOn();

    /**
     * Work that another thread has to do before {@link #goOn} is called again; null if there is none. It touches
     * nothing of the event loop, and keeps what it throws for {@link #goOn}.
     */
    default @Nullable Runnable elsewhere() {
        return null;
    }

    /**
     * What {@link #goOn} waits for, which any thread may complete, in whatever way; null if that is nothing. The
     * connection is parked until then: it costs no turn. Asked only if there is no work for another thread.
     */
    default @Nullable CompletionStage<?> awaited() {
        return null;
    }

    /** Releases what it holds; called once, done or not, never while work is done elsewhere or something is awaited. */
    @Override
    default void close() {}
}
