package dev.penstock.tools.bench.load;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Requests that are sent as fast as they are answered, and must all succeed. */
abstract class OneOffStream implements RequestStream {

    private @Nullable String failure;

    abstract boolean hasNext();

    @Override
    public final long nextDue(long now) {
        return failure == null && hasNext() ? now : NEVER;
    }

    @Override
    public final boolean isScheduled() {
        return false;
    }

    @Override
    public void replied(LoadConnection connection, Step step, long key, long due, ReplyParser reply, long now) {
        if (reply.error() != null && failure == null) {
            failure = "the server refused: " + reply.error();
        }
    }

    @Override
    public final void unanswered(Step step, long due, long now) {
        failure = failure == null ? "the server does not answer" : failure;
    }

    /** @throws IOException if a request was refused or not answered */
    final void check() throws IOException {
        if (failure != null) {
            throw new IOException(failure);
        }
    }
}
