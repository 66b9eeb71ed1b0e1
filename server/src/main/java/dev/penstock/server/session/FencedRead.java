package dev.penstock.server.session;

import dev.penstock.server.resp.CommandError;
import dev.penstock.server.turn.Suspended;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A command that only reads, at the leader: executed when the fence of its turn says that this node's state is current.
 * If the node does not lead any more, the request is routed anew.
 *
 * <p>Values expire by the time of the newest entry, and not by this node's clock. An entry that is under way has an
 * earlier time than that clock shows, and the next leader's clock may be behind: either may find a value that a read
 * would have said is gone.
 */
final class FencedRead implements Suspended {

    private final Session session;
    private final Replication replication;
    private final Supplier<@Nullable CompletableFuture<Void>> route;
    private final Supplier<CommandError> refusal;
    private final Runnable execution;
    private @Nullable Long deadlineNanos; // null until it has to wait for more than a fence
    private @Nullable CompletableFuture<?> awaited; // null at first
    private boolean fenced; // rather than waiting for a leader, or a moment

    /**
     * @param route asks the router, as {@link SlotCheck#check} does
     * @param refusal makes what the request is refused with when it has waited long enough
     */
    FencedRead(
            Session session,
            Replication replication,
            Supplier<@Nullable CompletableFuture<Void>> route,
            Supplier<CommandError> refusal,
            Runnable execution) {
        this.session = session;
        this.replication = replication;
        this.route = route;
        this.refusal = refusal;
        this.execution = execution;
    }

    @Override
    public boolean goOn() {
        CompletableFuture<?> before = awaited;
        if (before == null) {
            return awaitFence();
        }
        if (fenced && !before.isCompletedExceptionally()) {
            execution.run();
            return true;
        }
        session.coverInput(0);
        CompletableFuture<Void> leader = route.get();
        Long deadline = deadlineNanos;
        if (deadline == null) {
            deadline = session.waitDeadline(replication.router().longestWait());
            deadlineNanos = deadline;
        }
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            throw refusal.get();
        }
        if (leader == null && !fenced) {
            return awaitFence();
        }
        fenced = false;
        if (leader == null) {
            awaited = Replication.pause();
            return false;
        }
        awaited = leader.copy().completeOnTimeout(null, left, TimeUnit.NANOSECONDS);
        return false;
    }

    private boolean awaitFence() {
        session.coverInput(session.connection().inputBytes());
        fenced = true;
        awaited = replication.fence();
        return false;
    }

    @Override
    public @Nullable CompletionStage<?> awaited() {
        return awaited;
    }
}
