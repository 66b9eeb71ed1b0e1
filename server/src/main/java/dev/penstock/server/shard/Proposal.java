package dev.penstock.server.shard;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One entry that this node wants in the log of its group, and what became of it. It is settled once, by any thread;
 * what is said later has no effect. Immutable but for that.
 */
public final class Proposal {

    /** In place of a term: the entry may be appended in any. */
    public static final long ANY_TERM = -1;

    /** What became of an entry. */
    public sealed interface Outcome {}

    /**
     * It is executed here.
     *
     * @param replies one for each step, encoded
     */
    public record Applied(List<byte[]> replies) implements Outcome {}

    /** It is not in the log and never will be. The clients' requests are routed anew. */
    public record NotDone() implements Outcome {}

    /** It may be in the log or not. The clients are told so, in an error that they do not repeat the request for. */
    public record Unknown() implements Outcome {}

    private final List<WriteStep> steps;
    private final long term;
    private final @Nullable ReplyMemory memory; // null without a bound
    private final AtomicBoolean settled = new AtomicBoolean();
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

    /**
     * @param steps not empty
     * @param term the only term in which the entry may be appended, as {@link Proposals#term} returned it; or {@link
     *     #ANY_TERM}
     */
    public Proposal(List<WriteStep> steps, long term) {
        this(steps, term, null);
    }

    /**
     * @param memory bounds the replies until {@link #taken}
     */
    public Proposal(List<WriteStep> steps, long term, @Nullable ReplyMemory memory) {
        this.steps = List.copyOf(steps);
        this.term = term;
        this.memory = memory;
    }

    public List<WriteStep> steps() {
        return steps;
    }

    /** The only term in which the entry may be appended, or {@link #ANY_TERM}. */
    public long term() {
        return term;
    }

    /** Says what became of it. */
    public void settle(Outcome what) {
        if (settled.compareAndSet(false, true)) {
            outcome.complete(
                    memory != null && what instanceof Applied applied
                            ? new Applied(memory.hold(applied.replies()))
                            : what);
        }
    }

    /** The clients have the replies of a proposal that is settled. */
    public void taken() {
        if (memory != null && outcome.getNow(new NotDone()) instanceof Applied applied) {
            memory.release(applied.replies());
        }
    }

    /** Whether it is clear what became of it. */
    public boolean isSettled() {
        return outcome.isDone();
    }

    /** Completes, never with an exception, when it is settled. */
    public CompletionStage<Outcome> outcome() {
        return outcome;
    }
}
