package dev.penstock.cluster;

import dev.penstock.cluster.entry.EntryLimitException;
import dev.penstock.cluster.entry.LogEntry;
import dev.penstock.cluster.entry.LogEntryWriter;
import dev.penstock.cluster.raft.RaftNode;
import dev.penstock.cluster.raft.SubmitOutcome;
import dev.penstock.server.shard.EntryClock;
import dev.penstock.server.shard.Proposal;
import dev.penstock.server.shard.Proposals;
import dev.penstock.server.shard.WriteStep;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What clients write, as entries of the group's log, and what became of them.
 *
 * <p>A node <i>serves</i> in a term when it leads and its first entry of that term, which does nothing, is applied: it
 * has then applied all that earlier leaders have acknowledged. Every entry is appended in the term in which the node
 * serves, or not at all.
 *
 * <p>Entries that the node does not admit yet wait here, in order. The server bounds how many those are.
 *
 * <p>Thread-safe, but {@link #propose} is for one thread.
 */
final class GroupLog implements Proposals {

    /** An entry on its way into the log, and what this node executes of it. */
    static final class Append {

        private final LogEntry entry;
        private final long term;
        private final List<WriteStep> steps;
        private final Consumer<Proposal.Outcome> settle;
        private volatile @Nullable List<byte[]> replies;

        private Append(LogEntry entry, long term, List<WriteStep> steps, Consumer<Proposal.Outcome> settle) {
            this.entry = entry;
            this.term = term;
            this.steps = steps;
            this.settle = settle;
        }

        List<WriteStep> steps() {
            return steps;
        }

        /** The entry is executed here, and its mark is part of the store. */
        void executed(List<byte[]> encoded) {
            replies = encoded;
        }
    }

    private final EntryClock clock;
    private final Runnable onChange;
    private final LogEntryWriter writer = new LogEntryWriter();
    private final LogTime time = new LogTime(System::currentTimeMillis, System::nanoTime);
    private final Queue<Append> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger submits = new AtomicInteger();
    private final Map<LogEntry, Append> appends = Collections.synchronizedMap(new IdentityHashMap<>());
    private volatile @Nullable RaftNode node;
    private final CompletableFuture<Void> settled = new CompletableFuture<>();
    private volatile long servedTerm;
    private volatile boolean isEnding;

    /**
     * @param clock has the time of the newest entry executed
     * @param onChange is called, by any thread, when the node may have lost the lead
     */
    GroupLog(EntryClock clock, Runnable onChange) {
        this.clock = clock;
        this.onChange = onChange;
    }

    /** Uses a node from now on. The one before is closed. */
    void use(RaftNode started) {
        node = started;
    }

    private RaftNode node() {
        return Objects.requireNonNull(node, "the node is started before clients are served");
    }

    /** What this node has submitted as an entry; null if the entry is another node's, or of an earlier life. */
    @Nullable
    Append own(LogEntry entry) {
        return appends.get(entry);
    }

    /** Whether this node leads, takes entries, and has applied its first one. */
    boolean isServing() {
        RaftNode current = node;
        return !isEnding && current != null && current.isReady() && current.term() == servedTerm;
    }

    /** Takes no more entries. Completes when it is known what became of those before. */
    CompletableFuture<Void> end() {
        isEnding = true;
        lookWhetherSettled();
        return settled;
    }

    private void lookWhetherSettled() {
        if (isEnding && waiting.isEmpty() && appends.isEmpty()) {
            settled.complete(null);
        }
    }

    /** Appends the first entry of a leader. */
    CompletableFuture<Proposal.Outcome> begin() {
        long term = node().term();
        return append(LogEntry.Kind.TERM, term).thenApply(outcome -> {
            if (outcome instanceof Proposal.Applied) {
                servedTerm = term;
            }
            return outcome;
        });
    }

    /** Appends an entry that does nothing but to let time pass. */
    CompletableFuture<Proposal.Outcome> tick() {
        return append(LogEntry.Kind.TICK, servedTerm);
    }

    private CompletableFuture<Proposal.Outcome> append(LogEntry.Kind kind, long term) {
        CompletableFuture<Proposal.Outcome> outcome = new CompletableFuture<>();
        add(new Append(LogEntry.of(kind, nowMillis()), term, List.of(), outcome::complete));
        return outcome;
    }

    private long nowMillis() {
        return time.next(clock.millis());
    }

    @Override
    public void propose(Proposal proposal) {
        List<WriteStep> steps = proposal.steps();
        LogEntry entry;
        try {
            steps.forEach(step -> EntrySteps.write(step, writer));
            entry = writer.finish(LogEntry.Kind.COMMANDS, nowMillis());
        } catch (EntryLimitException e) {
            byte[] reply = ("-" + e.getMessage() + "\r\n").getBytes(StandardCharsets.US_ASCII);
            proposal.settle(new Proposal.Applied(Collections.nCopies(steps.size(), reply)));
            return;
        } finally {
            writer.clear(); // after any failure: what is left of one entry must not become part of the next
        }
        long term = proposal.term() == Proposal.ANY_TERM ? servedTerm : proposal.term();
        add(new Append(entry, term, steps, proposal::settle));
    }

    private void add(Append append) {
        if (isEnding) {
            append.settle.accept(new Proposal.NotDone());
            return;
        }
        waiting.add(append);
        submitAdmitted();
    }

    /** One thread at a time submits; a call that finds another one at it has that one look again. */
    private void submitAdmitted() {
        int calls = submits.incrementAndGet();
        if (calls > 1) {
            return;
        }
        while (calls > 0) {
            RaftNode current = node();
            for (Append next = waiting.peek();
                    next != null && current.admits(next.entry.length());
                    next = waiting.peek()) {
                appends.put(next.entry, next); // before it is missed in the queue
                waiting.remove();
                submit(current, next);
            }
            calls = submits.addAndGet(-calls);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // settled by what it calls
    private void submit(RaftNode current, Append append) {
        current.submit(append.entry, append.term).thenAccept(outcome -> {
            appends.remove(append.entry);
            append.settle.accept(settled(append, outcome));
            submitAdmitted();
            lookWhetherSettled();
        });
    }

    private Proposal.Outcome settled(Append append, SubmitOutcome outcome) {
        List<byte[]> replies = append.replies;
        if (outcome instanceof SubmitOutcome.Applied && replies != null) {
            return new Proposal.Applied(replies);
        }
        onChange.run(); // before the client is routed anew
        return outcome instanceof SubmitOutcome.Refused ? new Proposal.NotDone() : new Proposal.Unknown();
    }

    @Override
    public CompletionStage<Void> fence() {
        return node().fence().thenAccept(holds -> {
            if (!holds) {
                onChange.run();
                throw new IllegalStateException("this node does not lead");
            }
        });
    }

    @Override
    public boolean isCurrent() {
        return node().isCurrent();
    }

    @Override
    public long term() {
        return servedTerm;
    }

    @Override
    public long applied() {
        return node().applied();
    }

    @Override
    public int copies(long position) {
        return isServing() ? node().copies(position) : -1;
    }
}
