package dev.penstock.server.session;

import dev.penstock.server.resp.CommandError;
import dev.penstock.server.turn.Suspended;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A request for a slot that has no leader at present: parked until the router knows one, and refused if that takes too
 * long.
 */
final class LeaderWait implements Suspended {

    private final Supplier<@Nullable CompletableFuture<Void>> route;
    private final Supplier<CommandError> refusal;
    private final Runnable execution;
    private final long deadlineNanos;
    private @Nullable CompletableFuture<Void> awaited;

    /**
     * @param deadlineNanos how long to wait, see {@link Session#waitDeadline}
     * @param route asks the router, as {@link SlotCheck#check} does
     * @param refusal makes what the request is refused with when it has waited long enough
     * @param execution what is done once there is a leader, which is this server
     */
    LeaderWait(
            long deadlineNanos,
            Supplier<@Nullable CompletableFuture<Void>> route,
            Supplier<CommandError> refusal,
            Runnable execution) {
        this.route = route;
        this.refusal = refusal;
        this.execution = execution;
        this.deadlineNanos = deadlineNanos;
    }

    @Override
    public boolean goOn() {
        CompletableFuture<Void> leader = route.get();
        if (leader == null) {
            execution.run();
            return true;
        }
        long left = deadlineNanos - System.nanoTime();
        if (left <= 0) {
            throw refusal.get();
        }
        awaited = leader.copy().completeOnTimeout(null, left, TimeUnit.NANOSECONDS);
        return false;
    }

    @Override
    public @Nullable CompletionStage<?> awaited() {
        return awaited;
    }
}
