package dev.penstock.server.session;

import dev.penstock.server.keyspace.WatchedKeys;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Request;
import dev.penstock.server.shard.MapRouter;
import dev.penstock.server.shard.Proposal;
import dev.penstock.server.shard.Proposals;
import dev.penstock.server.shard.WriteStep;
import dev.penstock.server.transfer.MemoryBudget;
import dev.penstock.server.transfer.OutOfBudgetException;
import dev.penstock.server.transfer.OutputChunk;
import dev.penstock.server.transfer.ReplyTooLargeException;
import dev.penstock.server.turn.Suspended;
import dev.penstock.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one client writes at a time: one command, one transaction, or the commands of a pipeline that follow one
 * another. All of it becomes part of one entry. The client is parked until it is clear what became of that; then it
 * gets all replies, in their order. If the entry is not in the log, each command is routed anew, and what still belongs
 * here is proposed again. The copies of the requests count in the memory that all clients' requests may take.
 *
 * <p>Event-loop thread only, but for {@link #settle}.
 */
final class ProposedWrites implements Suspended {

    /** Bytes of the commands of a pipeline that are proposed together. */
    private static final long MOST_BYTES = Proposals.GATHERED_BYTES / 4;

    /** Memory for a reply that is reserved before its command is proposed. */
    private static final int SHORT_REPLY = 96;

    /** Their short replies fit a chunk. */
    private static final int MOST_WRITES = OutputChunk.SIZE / SHORT_REPLY;

    /** Watched keys that are compared in a turn: a millisecond or two. */
    private static final int COMPARED_IN_TURN = 4096;

    private static final String UNKNOWN =
            "ERR the write may have been done or not: leadership changed before a majority had it";

    /** A command, or a transaction. */
    private static final class Write {

        final Command command;
        final WriteStep step;
        final int slot;

        @Nullable
        CommandError refused; // instead of being proposed again

        Write(Command command, WriteStep step, int slot) {
            this.command = command;
            this.step = step;
            this.slot = slot;
        }
    }

    /**
     * What became of the entry.
     *
     * @param outcome null if the transaction's condition did not hold, or there is a failure
     * @param first the place of the first of these writes that were proposed
     * @param failure the reply to all that was proposed; null unless the log or the comparison failed
     */
    private record Settled(
            Proposal.@Nullable Outcome outcome,
            int first,
            @Nullable CommandError failure) {}

    private final Session session;
    private final ClusterExecution execution;
    private final Replication replication;
    private final List<Write> writes = new ArrayList<>(1);
    private @Nullable WatchedKeys watched; // null unless the transaction depends on some
    private @Nullable MemoryBudget memory; // that the copies count in; null before there are any
    private long reserved;
    private WatchedKeys.@Nullable VersionComparison comparison; // null unless it is under way
    private long comparedTerm;
    private boolean alone;
    private long length;
    private @Nullable Long deadlineNanos; // null until it has to wait for more than the log
    private CompletableFuture<Settled> settled = new CompletableFuture<>();
    private @Nullable CompletableFuture<?> awaited; // null before it is proposed

    ProposedWrites(Session session, ClusterExecution execution, Replication replication) {
        this.session = session;
        this.execution = execution;
        this.replication = replication;
    }

    /**
     * Adds the command of a request, of which a copy is made.
     *
     * @param slot of its keys, or {@link SlotCheck#NO_SLOT}
     * @throws CommandError if the log takes no such request
     * @throws OutOfBudgetException if there is no memory for the copy
     */
    void add(Command command, Request request, int slot) {
        StepCopy.length(request);
        reserve(request.budget(), StepCopy.memory(request));
        add(command, StepCopy.of(session, request), slot);
    }

    /**
     * Adds a transaction, of which a copy is made.
     *
     * @param request that of EXEC
     * @param dispatcher knows the commands
     * @throws CommandError if it has a command that only the client's own server can execute
     * @throws OutOfBudgetException if there is no memory for the copy
     */
    void add(Command exec, Request request, Transaction transaction, Dispatcher dispatcher) {
        reserve(request.budget(), StepCopy.memory(transaction));
        add(exec, StepCopy.of(session, transaction, dispatcher), transaction.slot());
    }

    private void add(Command command, WriteStep step, int slot) {
        writes.add(new Write(command, step, slot));
        length += step.length();
        alone |= command.clearsAll();
    }

    private void reserve(MemoryBudget budget, long bytes) {
        budget.reserveMore(bytes);
        memory = budget;
        reserved += bytes;
    }

    /** Has the transaction depend on the keys that its client watches. */
    void dependOn(WatchedKeys keys) {
        watched = keys;
    }

    /** Whether the commands of the pipeline that come next have to be proposed later. */
    boolean isFull() {
        return length >= MOST_BYTES || writes.size() == MOST_WRITES || alone;
    }

    boolean isAlone() {
        return alone;
    }

    boolean isConditional() {
        return watched != null;
    }

    long length() {
        return length;
    }

    List<WriteStep> steps() {
        return writes.stream()
                .filter(write -> write.refused == null)
                .map(write -> write.step)
                .toList();
    }

    /**
     * Compares some of the watched keys. If one has changed, the transaction is settled. The client of one that watches
     * none any more is gone.
     *
     * @param term the present one, in which nothing changes the keys until the transaction is proposed
     * @return whether that is done
     */
    boolean compare(Store store, long term) {
        WatchedKeys keys = Objects.requireNonNull(watched);
        WatchedKeys.VersionComparison current = comparison;
        if (current == null || term != comparedTerm) {
            current = keys.comparison(store);
            comparison = current;
            comparedTerm = term;
        }
        if (!keys.isEmpty() && !current.goOn(COMPARED_IN_TURN)) {
            return false;
        }
        comparison = null;
        if (keys.isEmpty() || current.hasSeenChange()) {
            settled.complete(new Settled(null, 0, null));
        }
        return true;
    }

    /** Whether it is clear what became of it. */
    boolean isSettled() {
        return settled.isDone();
    }

    /**
     * Says what became of the entry; any thread.
     *
     * @param first the place of the first of these writes in it
     * @return the place after the last
     */
    int settle(Proposal.Outcome outcome, int first) {
        int end = first
                + (int) writes.stream().filter(write -> write.refused == null).count();
        settled.complete(new Settled(outcome, first, null));
        return end;
    }

    /** Says that the log failed, or what comes before it. */
    void fail(CommandError failure) {
        settled.complete(new Settled(null, 0, failure));
    }

    @Override
    public boolean goOn() {
        if (awaited == null) {
            try {
                session.reply().ensureOwnRoom(SHORT_REPLY * writes.size());
            } catch (OutOfBudgetException | ReplyTooLargeException full) {
                refuse(new CommandError(ErrorText.of(full)));
                return true;
            }
            propose();
            return false;
        }
        if (!settled.isDone()) { // it waited for a leader, or a moment
            return routeAnew(false);
        }
        Settled now = settled.join();
        if (now.failure() != null) {
            refuse(now.failure());
            return true;
        }
        if (now.outcome() == null) {
            session.coverInput(0); // the comparison says nothing about who leads
            session.reply().mark();
            session.reply().nilArray();
            return true;
        }
        return switch (now.outcome()) {
            case Proposal.Applied applied -> {
                reply(applied.replies(), now.first());
                yield true;
            }
            case Proposal.Unknown unknown -> {
                refuse(new CommandError(UNKNOWN));
                yield true;
            }
            case Proposal.NotDone notDone -> {
                session.coverInput(0);
                yield routeAnew(true);
            }
        };
    }

    private void refuse(CommandError all) {
        session.coverInput(0);
        for (Write write : writes) {
            if (!execution.refuse(session, write.command, write.refused == null ? all : write.refused)) {
                return;
            }
        }
    }

    private void propose() {
        // What has arrived so far came before the entry, and so may be read without a fence once that is applied.
        session.coverInput(session.connection().inputBytes());
        settled = new CompletableFuture<>();
        awaited = settled;
        replication.add(this);
    }

    /**
     * Each command has memory for a short reply. A long one must leave as much to those after it; otherwise there is no
     * memory for it.
     */
    private void reply(List<byte[]> replies, int first) {
        int next = first;
        int left = writes.size();
        for (Write write : writes) {
            left--;
            boolean isReplied;
            if (write.refused == null) {
                byte[] reply = replies.get(next++);
                int reserve = reply.length > SHORT_REPLY ? left * SHORT_REPLY : 0;
                isReplied = execution.replyEncoded(session, write.command, reply, reserve);
            } else {
                isReplied = execution.refuse(session, write.command, write.refused);
            }
            if (!isReplied) {
                return; // or the next reply would be taken for this one
            }
        }
    }

    /**
     * Nothing of it was done.
     *
     * @param pauses whether it was just proposed here in vain
     */
    private boolean routeAnew(boolean pauses) {
        settled = new CompletableFuture<>();
        Long deadline = deadlineNanos;
        if (deadline == null) {
            deadline = session.waitDeadline(replication.router().longestWait());
            deadlineNanos = deadline;
        }
        long left = deadline - System.nanoTime();
        boolean proposed = false;
        for (Write write : writes) {
            CompletableFuture<Void> leader = route(write, left);
            if (leader != null) {
                awaited = leader.copy().completeOnTimeout(null, left, TimeUnit.NANOSECONDS);
                return false;
            }
            proposed |= write.refused == null;
        }
        if (proposed && pauses) {
            awaited = Replication.pause();
            return false;
        }
        if (proposed) {
            propose();
            return false;
        }
        reply(List.of(), 0);
        return true;
    }

    /** What to wait for; null if the write is to be proposed here, or refused. */
    private @Nullable CompletableFuture<Void> route(Write write, long leftNanos) {
        if (write.refused != null) {
            return null;
        }
        try {
            CompletableFuture<Void> leader = replication.admitWrite(write.slot);
            if (leftNanos > 0) {
                return leader;
            }
            write.refused = MapRouter.down();
        } catch (CommandError elsewhere) {
            write.refused = elsewhere;
        }
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> awaited() {
        return awaited;
    }

    /** May be called again. */
    @Override
    public void close() {
        if (memory != null) {
            memory.release(reserved);
            reserved = 0;
        }
        if (!writes.isEmpty() && writes.getFirst().command.isExec()) {
            session.endTransaction();
        }
    }
}
