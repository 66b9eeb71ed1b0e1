package dev.penstock.server.session;

import dev.penstock.server.resp.CommandError;
import dev.penstock.server.shard.Proposal;
import dev.penstock.server.shard.Proposals;
import dev.penstock.server.shard.ReplyMemory;
import dev.penstock.server.shard.Router;
import dev.penstock.server.shard.WriteStep;
import dev.penstock.store.Store;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Between the clients of an event loop and the log of their group. What clients write in a turn is gathered into
 * entries, in the order in which it came, and proposed when the turn ends; their connections are parked meanwhile. What
 * they read in a turn is read at once while the node knows that it is current, and otherwise waits for one fence.
 *
 * <p>Bounded: {@link Proposals} says how much is under way at most. What a client may have waiting beyond that is
 * bounded by {@link ProposedWrites}.
 *
 * <p>A transaction with watched keys depends on versions, which are not the same on all replicas. It is held back, and
 * all after it, until everything before it is applied; then this node compares the versions, and proposes it for the
 * present term alone.
 *
 * <p>Event-loop thread only. There is none of this in a server that executes what its clients write.
 */
public final class Replication {

    private static final String UNKNOWN = "ERR the write may have been done or not: the log of the group failed";

    private static final long PAUSE_MILLIS = 20;

    /** Of long replies on their way from the log to their clients. */
    private static final long MOST_REPLY_BYTES = 256L << 20;

    private final Store store;
    private final Proposals proposals;
    private final Router router;
    private final Consumer<Throwable> failures;
    private final ReplyMemory replies = new ReplyMemory(
            Math.min(MOST_REPLY_BYTES, Runtime.getRuntime().maxMemory() / 8),
            ("-" + ErrorText.NO_MEMORY_FOR_REPLY + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    private final ArrayDeque<ProposedWrites> waiting = new ArrayDeque<>();
    private final ArrayDeque<Proposal> underWay = new ArrayDeque<>();
    private long bytesUnderWay;
    private boolean comparing; // watched keys, which takes another turn
    private @Nullable CompletableFuture<Void> fence; // of this turn; null if nobody reads

    /** @param failures is told what the log throws */
    Replication(Store store, Proposals proposals, Router router, Consumer<Throwable> failures) {
        this.store = store;
        this.proposals = proposals;
        this.router = router;
        this.failures = failures;
    }

    Router router() {
        return router;
    }

    /** Asks the router about a command that writes; see {@link Router#admit}. */
    @Nullable
    CompletableFuture<Void> admitWrite(int slot) {
        return slot == SlotCheck.NO_SLOT ? router.admitWithoutKeys() : router.admit(slot, false);
    }

    /**
     * What to wait for before something is tried again that this node refused, though the router says that it leads: a
     * moment, so that the event loop does not spin until the router knows better.
     */
    static CompletableFuture<Void> pause() {
        return new CompletableFuture<Void>().completeOnTimeout(null, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Adds what a client writes. */
    void add(ProposedWrites writes) {
        waiting.addLast(writes);
    }

    /** Whether what has arrived may be read at once. */
    boolean isCurrent() {
        try {
            return proposals.isCurrent();
        } catch (RuntimeException e) {
            return false; // the fence says what is wrong
        }
    }

    /** Completes when this node's state is current as of the end of this turn; with an exception if it may not be. */
    CompletableFuture<Void> fence() {
        CompletableFuture<Void> awaited = fence;
        if (awaited == null) {
            awaited = new CompletableFuture<>();
            fence = awaited;
        }
        return awaited;
    }

    /**
     * The turn ends: proposes what was written in it, and fences what is to be read. Throws nothing: if the log does,
     * the clients that wait for it get an error.
     */
    public void endTurn() {
        for (Proposal first = underWay.peekFirst(); first != null && first.isSettled(); first = underWay.peekFirst()) {
            underWay.removeFirst().taken();
            bytesUnderWay -= length(first.steps());
        }
        while (!waiting.isEmpty()
                && underWay.size() < Proposals.MOST_UNDER_WAY
                && roomFor(waiting.getFirst())
                && proposeNext()) {
            // the next entry
        }
        CompletableFuture<Void> due = fence;
        if (due != null) {
            fence = null;
            fence(due);
        }
    }

    private void fence(CompletableFuture<Void> due) {
        try {
            proposals.fence().whenComplete((done, failure) -> {
                if (failure == null) {
                    due.complete(null);
                } else {
                    due.completeExceptionally(failure);
                }
            });
        } catch (RuntimeException | Error e) {
            failures.accept(e);
            due.completeExceptionally(e);
        }
    }

    /** Whether there is more to do at the end of a turn that should come at once. */
    public boolean isUnfinished() {
        return comparing;
    }

    private boolean roomFor(ProposedWrites next) {
        return underWay.isEmpty() || bytesUnderWay + next.length() <= Proposals.MOST_BYTES_UNDER_WAY;
    }

    /** Whether there was something to propose. */
    private boolean proposeNext() {
        ProposedWrites first = Objects.requireNonNull(waiting.peekFirst());
        if (first.isConditional()) {
            if (!underWay.isEmpty()) {
                return false;
            }
            return proposeConditional(first);
        }
        List<ProposedWrites> together = new ArrayList<>();
        long length = 0;
        ProposedWrites next = first;
        do {
            together.add(waiting.removeFirst());
            length += next.length();
            next = waiting.peekFirst();
        } while (next != null
                && !first.isAlone()
                && !next.isAlone()
                && !next.isConditional()
                && bytesUnderWay + length + next.length() <= Proposals.MOST_BYTES_UNDER_WAY
                && length + next.length() <= Proposals.GATHERED_BYTES);
        propose(together, Proposal.ANY_TERM);
        return true;
    }

    /**
     * The comparison may take several turns. Nothing else is under way, so only another leader's entries can change the
     * keys meanwhile; the term is then another one.
     *
     * @return false if the comparison goes on in the next turn
     */
    private boolean proposeConditional(ProposedWrites first) {
        long term;
        try {
            term = proposals.term(); // before the comparison
            comparing = !first.compare(store, term);
        } catch (RuntimeException | Error e) {
            comparing = false;
            waiting.removeFirst();
            failures.accept(e);
            first.fail(new CommandError(ErrorText.of(e)));
            return true;
        }
        if (comparing) {
            return false;
        }
        waiting.removeFirst();
        if (!first.isSettled()) {
            propose(List.of(first), term);
        }
        return true;
    }

    private void propose(List<ProposedWrites> together, long term) {
        List<WriteStep> steps = new ArrayList<>();
        together.forEach(writes -> steps.addAll(writes.steps()));
        Proposal proposal = new Proposal(steps, term, replies);
        proposal.outcome().thenAccept(outcome -> {
            int first = 0;
            for (ProposedWrites writes : together) {
                first = writes.settle(outcome, first);
            }
        });
        underWay.addLast(proposal);
        bytesUnderWay += length(steps);
        try {
            proposals.propose(proposal);
        } catch (RuntimeException | Error e) {
            failures.accept(e);
            together.forEach(writes -> writes.fail(new CommandError(UNKNOWN)));
            proposal.settle(new Proposal.Unknown());
        }
    }

    private static long length(List<WriteStep> steps) {
        return steps.stream().mapToLong(WriteStep::length).sum();
    }
}
