package dev.penstock.server.session;

import dev.penstock.server.keyspace.EntryLimits;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.shard.MapRouter;
import dev.penstock.server.shard.Router;
import dev.penstock.server.transfer.OutOfBudgetException;
import dev.penstock.server.transfer.ReplyTooLargeException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the {@link Dispatcher} does besides on a node of a cluster: requests are routed, and wait while a slot has no
 * leader. Where a group agrees on what is written, writes are proposed to its log, and reads wait for a fence.
 *
 * <p>Event-loop thread only.
 */
final class ClusterExecution {

    private final LoopContext loop;
    private final Dispatcher dispatcher;
    private final AccessCheck access;
    private final SlotCheck slots;
    private final @Nullable Replication replication; // null if what clients write is executed here

    ClusterExecution(LoopContext loop, Dispatcher dispatcher, AccessCheck access) {
        Router router = loop.server().router();
        this.loop = loop;
        this.dispatcher = dispatcher;
        this.access = access;
        this.replication = loop.replication();
        this.slots = new SlotCheck(router, replication != null);
    }

    /** Whether commands of a pipeline that write are proposed together. */
    boolean gathers() {
        return replication != null;
    }

    /** Refuses a value that is announced and would be streamed, unless this node executes the request now. */
    void checkUpload(Session session, Command command, Request request) {
        if (slots.check(session, command, request) != null) {
            throw MapRouter.down(); // what arrives of the value has no place to wait in
        }
        if (replication != null) {
            throw new CommandError(EntryLimits.VALUE_TOO_LONG);
        }
    }

    /** See {@link SlotCheck#check}. */
    @Nullable
    CompletableFuture<Void> route(Session session, Command command, Request request) {
        return route(session, command, () -> slots.check(session, command, request));
    }

    private static @Nullable CompletableFuture<Void> route(
            Session session, Command command, Supplier<@Nullable CompletableFuture<Void>> route) {
        try {
            return route.get();
        } catch (CommandError elsewhere) {
            throw refused(session, command, elsewhere);
        }
    }

    /**
     * Notes that a command is not executed here. As in Redis, EXEC then forgets the transaction, and says nothing else;
     * a command that was to be queued spoils it.
     *
     * @return the refusal
     */
    private static CommandError refused(Session session, Command command, CommandError refusal) {
        command.metrics().rejected().add(1);
        if (command.isExec()) {
            session.endTransaction();
        } else if (session.transaction() != null) {
            session.transaction().spoil();
        }
        return refusal;
    }

    /** Parks a request until its slot has a leader. */
    void awaitLeader(Session session, Command command, Request request, Runnable execution) {
        session.run(new LeaderWait(
                session.waitDeadline(loop.server().router().longestWait()),
                () -> route(session, command, request),
                () -> refused(session, command, MapRouter.down()),
                execution));
    }

    /** Refuses a request that is to be queued, before it is copied, if the log would not take it. */
    void checkQueued(Session session, Transaction transaction, Command command, Request request) {
        if (replication == null) {
            return;
        }
        try {
            if (!transaction.lengthen(StepCopy.length(request))) {
                throw new CommandError("ERR a transaction takes at most 3 MiB on a node of a cluster");
            }
        } catch (CommandError refusal) {
            throw refused(session, command, refusal);
        }
    }

    /** Executes a command that is not queued. */
    void run(Command command, Session session, Request request) {
        if (replication == null) {
            dispatcher.run(command, session, request);
        } else {
            runReplicated(replication, command, session, request);
        }
    }

    /** Executes a command where the group agrees on what is written, and others read. */
    private void runReplicated(Replication group, Command command, Session session, Request request) {
        Transaction transaction = session.transaction();
        if (transaction != null && command.isExec() && !transaction.isSpoiled()) {
            if (transaction.writes()) {
                session.executing(command, loop.nowMillis());
                session.run(transactionOf(group, command, session, request, transaction));
            } else {
                read(group, command, session, request, transaction.slot());
            }
        } else if (command.isWrite()) {
            session.executing(command, loop.nowMillis());
            session.run(writeOf(group, command, session, request));
        } else if (command.isReadOnly()) {
            read(group, command, session, request, SlotCheck.slot(command, request));
        } else {
            dispatcher.run(command, session, request);
        }
    }

    private ProposedWrites writeOf(Replication group, Command command, Session session, Request request) {
        ProposedWrites writes = new ProposedWrites(session, this, group);
        boolean added = false;
        try {
            writes.add(command, request, SlotCheck.slot(command, request));
            added = true;
        } finally {
            if (!added) {
                writes.close();
            }
        }
        return writes;
    }

    private ProposedWrites transactionOf(
            Replication group, Command exec, Session session, Request request, Transaction transaction) {
        ProposedWrites writes = new ProposedWrites(session, this, group);
        try {
            writes.add(exec, request, transaction, dispatcher);
        } catch (CommandError | OutOfBudgetException refusal) {
            writes.close();
            session.endTransaction();
            throw Transaction.aborted(refusal);
        } catch (RuntimeException | Error e) {
            writes.close();
            session.endTransaction();
            throw e;
        }
        if (!session.watched().isEmpty()) {
            writes.dependOn(session.watched());
        }
        return writes;
    }

    /** A command without keys is about this node. A client that reads from replicas may get an older state. */
    private void read(Replication group, Command command, Session session, Request request, int slot) {
        if (slot == SlotCheck.NO_SLOT || session.readsFromReplica() || session.isInputCovered()) {
            dispatcher.run(command, session, request);
        } else if (group.isCurrent()) {
            session.coverInput(session.connection().inputBytes()); // it had arrived before
            dispatcher.run(command, session, request);
        } else {
            session.run(new FencedRead(
                    session,
                    group,
                    () -> route(session, command, () -> group.router().admit(slot, false)),
                    () -> refused(session, command, MapRouter.down()),
                    () -> dispatcher.run(command, session, request)));
        }
    }

    /**
     * Adds a request of a pipeline to what is proposed together, if it is a command that writes and is not refused.
     *
     * @param begun what it is added to; null if it would be the first
     * @return that, or a new one; null if the request has to be {@linkplain Dispatcher#execute executed} alone, after
     *     all before it
     */
    @Nullable
    ProposedWrites gather(Session session, Request request, @Nullable ProposedWrites begun) {
        Replication group = Objects.requireNonNull(replication);
        if (session.transaction() != null || session.replyMode() != Session.ReplyMode.ON) {
            return null;
        }
        Command command = dispatcher.named(request);
        if (command == null
                || !command.isWrite()
                || !command.accepts(request.count())
                || !command.copesWith(request)
                || begun != null && command.clearsAll()) {
            return null;
        }
        ProposedWrites writes = begun;
        try {
            if (!access.isPermittedNow(session, command, request)) {
                return null;
            }
            int slot = SlotCheck.slot(command, request);
            if (group.admitWrite(slot) != null) {
                return null;
            }
            if (writes == null) {
                writes = writeOf(group, command, session, request);
            } else {
                writes.add(command, request, slot);
            }
        } catch (CommandError | OutOfBudgetException refusal) {
            return null; // it is refused in its turn
        }
        command.metrics().calls().add(1);
        dispatcher.gathered(request);
        session.executing(command, loop.nowMillis());
        return writes;
    }

    /** Proposes what was gathered; the client is parked. */
    void propose(Session session, ProposedWrites writes) {
        session.run(writes);
        dispatcher.suspended(null, session);
    }

    /**
     * Replies with what a replica's executor encoded. If there is no memory for that, the reply says so, for which the
     * caller has reserved some.
     *
     * @param reserve memory that has to be left for the replies to come
     * @return false if there is not even memory for that; the connection ends then
     */
    boolean replyEncoded(Session session, Command command, byte[] bytes, int reserve) {
        Reply reply = session.reply();
        try {
            reply.mark();
            reply.encoded(bytes);
            reply.ensureOwnRoom(reserve);
        } catch (OutOfBudgetException | ReplyTooLargeException e) {
            reply.rollback();
            return refuse(session, command, new CommandError(ErrorText.NO_MEMORY_FOR_REPLY));
        }
        if (bytes.length > 0 && bytes[0] == '-') {
            command.metrics().failed().add(1);
            String text = new String(bytes, 1, bytes.length - 1, StandardCharsets.ISO_8859_1);
            loop.metrics().errorReplied(text.stripTrailing());
        }
        return true;
    }

    /**
     * Replies with an error to a command that was proposed, or was about to be.
     *
     * @return false if there is not even memory for that; the connection ends then, and the client knows nothing
     */
    boolean refuse(Session session, Command command, CommandError refusal) {
        session.reply().mark();
        command.metrics().failed().add(1);
        try {
            dispatcher.error(session, ErrorText.of(refusal));
            return true;
        } catch (OutOfBudgetException | ReplyTooLargeException e) {
            session.reply().rollback();
            session.closeAfterReplies();
            return false;
        }
    }
}
