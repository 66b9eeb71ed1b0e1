package dev.penstock.server.session;

import dev.penstock.server.acl.KeyCheck;
import dev.penstock.server.metrics.IncidentLog.Kind;
import dev.penstock.server.metrics.SlowLog;
import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.PipelinePrefetch;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.resp.RequestBuffer;
import dev.penstock.server.resp.RequestDecoder;
import dev.penstock.server.transfer.OutOfBudgetException;
import dev.penstock.server.transfer.OutputQueue;
import dev.penstock.server.transfer.Upload;
import dev.penstock.server.turn.Suspended;
import dev.penstock.server.turn.Turn;
import dev.penstock.store.StoreException;
import dev.penstock.store.transfer.StoreTransfer;
import java.lang.System.Logger.Level;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Executes requests: finds the command, checks the number of its arguments, runs it, and turns any exception into one
 * error reply. No exception of a command passes beyond this class, and a partial reply is discarded first.
 *
 * <p>A command that may change data first reserves memory for its reply, so that every change can be acknowledged. A
 * command that replies with a value writes that reply first.
 */
public final class Dispatcher {

    private static final int ECHOED_LENGTH = 128;
    private static final int ERROR_STEPS = 20;

    private final LoopContext loop;
    private final CommandTable table;
    private final SlowLog slowLog;
    private final PipelinePrefetch prefetch;
    private final AccessCheck access;
    private final @Nullable ClusterExecution cluster; // null if this server is no node of one
    private long lastNanos;

    /** @param table what it finds commands in; may be filled later, but before the first request */
    public Dispatcher(LoopContext loop, CommandTable table) {
        this.loop = loop;
        this.table = table;
        this.slowLog = loop.slowLog();
        this.access = new AccessCheck(loop);
        this.cluster = loop.server().router().map() == null ? null : new ClusterExecution(loop, this, access);
        this.prefetch = new PipelinePrefetch(StoreTransfer.of(loop.store()).prefetch());
    }

    /** The command of a name in lower case, whose rights another protocol asks for. */
    public Command command(String name) {
        return table.named(name);
    }

    /** For requests that are here already, before they are executed. */
    public PipelinePrefetch prefetch() {
        return prefetch;
    }

    /** Makes the protocol of a client whose requests are executed here; see {@link Protocol.Factory}. */
    public Protocol protocol(Session session, RequestBuffer input, OutputQueue output) {
        return new RedisProtocol(this, session, input, cluster != null && cluster.gathers() ? cluster : null);
    }

    /** Whether the request's next argument, if it is large, can go straight into the store. */
    boolean streams(Session session, Request request, int index) {
        if (index < 2 || session.transaction() != null) {
            return false;
        }
        Command command = table.find(request, 0);
        return command != null && command.streamedArgument() == index;
    }

    /** The longest argument that is taken, in bytes. */
    long longestArgument() {
        return loop.settings().longestBulk();
    }

    /**
     * Begins to take in a value announced by a request that {@link #streams}; a refusal shows when it executes. A key
     * that takes more than this turn to compare is checked then alone.
     */
    Upload beginUpload(Session session, Request request, long length) {
        try {
            Command command = known(request);
            access.checkCommand(session, command);
            KeyCheck keys = AccessCheck.keysToCheck(session, command, request);
            if (keys != null && keys.goOn(loop.turn()) && !keys.isPermitted()) {
                throw access.denied(session, command);
            }
            Arguments.checkKey(request, 1);
            if (cluster != null) {
                cluster.checkUpload(session, command, request);
            }
            return Upload.begin(
                    loop.store(), request.bytes(1), length, loop.metrics().transfers());
        } catch (CommandError e) {
            return Upload.refused(e, length);
        }
    }

    /** Executes a request; false if it takes more than a turn, so that it has to be {@link #resume}d. */
    public boolean execute(Session session, Request request) {
        Reply reply = session.reply();
        reply.mark();
        loop.metrics().commandExecuted();
        spendOn(request);
        session.executes(null);
        try {
            Command command = acceptable(session, request);
            if (command != null) {
                KeyCheck keys = AccessCheck.keysToCheck(session, command, request);
                if (keys == null) {
                    proceed(session, command, request);
                } else {
                    session.run(access.permission(
                            session,
                            command,
                            keys,
                            refusal -> refused(session, command, request, refusal),
                            () -> proceed(session, command, request)));
                }
            }
        } catch (RuntimeException | Error e) {
            fail(session.commandUnderWay(), session, e);
        }
        Command executed = session.commandUnderWay();
        if (session.isSuspended()) {
            suspended(executed, session);
            return false;
        }
        finish(executed, session, request, 0);
        return true;
    }

    /** Routes, and executes or queues, a request that the client may make. */
    private void proceed(Session session, Command command, Request request) {
        if (session.transaction() != null && !command.mayBeQueued()) {
            throw refused(session, command, request, new CommandError("ERR Command not allowed inside a transaction"));
        }
        CompletableFuture<Void> leader = cluster == null ? null : cluster.route(session, command, request);
        session.executes(isQueued(session, command) ? null : command);
        if (cluster == null || leader == null) {
            runOrQueue(command, session, request);
        } else {
            cluster.awaitLeader(session, command, request, () -> runOrQueue(command, session, request));
        }
    }

    private static boolean isQueued(Session session, Command command) {
        return session.transaction() != null && !command.isImmediate();
    }

    private void runOrQueue(Command command, Session session, Request request) {
        if (isQueued(session, command)) {
            Transaction transaction = Objects.requireNonNull(session.transaction());
            if (cluster != null) {
                cluster.checkQueued(session, transaction, command, request);
            }
            session.reply().ensureRoom();
            transaction.add(request, session.reply());
            transaction.queued(command);
        } else if (cluster == null) {
            run(command, session, request);
        } else {
            cluster.run(command, session, request);
        }
    }

    /** Counts a request that is executed together with others. */
    void gathered(Request request) {
        loop.metrics().commandExecuted();
        spendOn(request);
    }

    private void spendOn(Request request) {
        loop.turn().spend(Turn.COMMAND_STEPS + Math.min(request.count(), Command.FEW_ARGUMENTS));
        loop.turn().spendBytes(request.extent());
    }

    /** Notes that a request is parked, or takes more than this turn. */
    void suspended(@Nullable Command executed, Session session) {
        session.underWay(executed, System.nanoTime() - lastNanos);
    }

    /** Goes on with a request that takes more than a turn; whether it is done. */
    public boolean resume(Session session, Request request) {
        lastNanos = System.nanoTime();
        try {
            session.run(Objects.requireNonNull(session.takeSuspended()));
            verify(session);
        } catch (RuntimeException | Error e) {
            fail(session.commandUnderWay(), session, e);
        }
        Command executed = session.commandUnderWay();
        if (session.isSuspended()) {
            session.underWay(executed, session.nanosUnderWay() + System.nanoTime() - lastNanos);
            return false;
        }
        finish(executed, session, request, session.nanosUnderWay());
        return true;
    }

    /** @param earlierNanos that it took in turns before this one */
    private void finish(@Nullable Command executed, Session session, Request request, long earlierNanos) {
        loop.turn().spend(session.reply());
        if (session.suppressesReply()) {
            session.reply().rollback();
        }
        took(executed, session, request, earlierNanos);
    }

    /** The request is still whole. */
    private void took(@Nullable Command executed, Session session, Request request, long earlierNanos) {
        long nanos = System.nanoTime();
        loop.turn().took(nanos - lastNanos);
        long took = earlierNanos + nanos - lastNanos;
        loop.metrics().latencies().took(took);
        if (executed != null) {
            executed.metrics().calls().add(1);
            executed.metrics().nanos().add(took);
            if (slowLog.isSlow(took)) {
                slowLog.note(
                        request, took, loop.nowMillis(), session.connection().remoteAddress(), session.name());
            }
        }
        lastNanos = nanos;
    }

    /** Executes a request of a transaction; returns what it failed with, which is the reply, or null. */
    public @Nullable Throwable executeQueued(Session session, Request request) {
        session.reply().mark();
        spendOn(request);
        Throwable failure = null;
        try {
            Command command = known(request);
            access.checkCommand(session, command); // again: the transaction itself may have changed the user
            KeyCheck keys = AccessCheck.keysToCheck(session, command, request);
            if (keys == null) {
                runQueued(command, session, request);
            } else {
                session.run(access.permission(
                        session, command, keys, refusal -> refusal, () -> runQueued(command, session, request)));
            }
        } catch (RuntimeException | Error e) {
            failure = e;
            fail(null, session, e);
        }
        loop.turn().spend(session.reply());
        return failure;
    }

    private void runQueued(Command command, Session session, Request request) {
        command.metrics().calls().add(1);
        try {
            run(command, session, request);
        } catch (RuntimeException | Error e) {
            command.metrics().failed().add(1);
            throw e;
        }
    }

    /** Whether a request that was looked up before is a command that may change keys. */
    public boolean writes(Request request) {
        return known(request).isWrite();
    }

    /** Goes on with a request of a transaction that takes more than a turn; returns as {@link #executeQueued} does. */
    public @Nullable Throwable resumeQueued(Session session, Suspended rest, Request request) {
        Throwable failure = null;
        try {
            session.run(rest);
            verify(session);
        } catch (RuntimeException | Error e) {
            failure = e;
            fail(rest instanceof KeyPermission ? null : find(request), session, e); // which counts what it executes
        }
        loop.turn().spend(session.reply());
        return failure;
    }

    /** Executes a command here and now. */
    void run(Command command, Session session, Request request) {
        session.executing(command, loop.nowMillis());
        loop.turn().spend(command.steps());
        if (!command.isReadOnly() && !command.mayWait()) {
            session.reply().ensureRoom();
        }
        Handler handler = Objects.requireNonNull(command.handler(), command.name());
        handler.run(session, request, session.reply());
        verify(session);
    }

    private static void verify(Session session) {
        if (!session.isSuspended()) {
            Verifying.run(session, session.reply());
        }
    }

    /**
     * The command that is requested, if the client may run it on keys of its own; null if there is nothing more to say
     * to this client.
     */
    private @Nullable Command acceptable(Session session, Request request) {
        Command command = null;
        try {
            command = find(request);
            if (command == null) {
                unknown(session, request);
                return null;
            }
            if (!command.accepts(request.count())) {
                throw CommandError.arity(command.fullName());
            }
            if (!command.copesWith(request)) {
                throw new CommandError("ERR '" + command.fullName() + "' takes at most " + Command.FEW_ARGUMENTS
                        + " arguments of " + Command.FEW_BYTES + " bytes together");
            }
            access.checkCommand(session, command);
            return command;
        } catch (CommandError e) {
            throw refused(session, command, request, e);
        }
    }

    /**
     * Notes that a request is not executed: a command that was to be queued spoils the transaction.
     *
     * @param command null if there is none of this name
     * @return what the client is told
     */
    private static CommandError refused(
            Session session, @Nullable Command command, Request request, CommandError refusal) {
        if (command != null) {
            command.metrics().rejected().add(1);
        }
        if (session.transaction() != null) {
            session.transaction().spoil();
        }
        if (request.is(0, "exec")) {
            session.endTransaction();
            return Transaction.aborted(refusal);
        }
        return refusal;
    }

    /** Requests that are here already are about to be executed; from now on, each takes until the next one begins. */
    public void beginRun() {
        lastNanos = System.nanoTime();
    }

    /** @param executed null if it did not come to that */
    private void fail(@Nullable Command executed, Session session, Throwable e) {
        loop.turn().spend(ERROR_STEPS);
        if (executed != null) {
            executed.metrics().failed().add(1);
        }
        session.reply().rollback();
        error(session, ErrorText.of(e));
        if (ErrorText.isForTheLog(e)) {
            String client = "a command of " + session.connection().remoteAddress() + " failed";
            if (e instanceof StoreException refusal) {
                incident(Kind.FAILED_COMMAND, Level.WARNING, client + ": " + ErrorText.forTheLog(refusal), null);
            } else {
                incident(Kind.FAILED_COMMAND, Level.ERROR, client, e);
            }
        }
    }

    /** The one way in which an error becomes a reply. */
    void error(Session session, String text) {
        loop.metrics().errorReplied(text);
        session.reply().error(text);
    }

    /** Refuses an incomplete request because there is no memory for the rest, and disconnects the client. */
    void refuse(Session session, OutOfBudgetException reason) {
        error(session, ErrorText.of(reason));
        session.closeAfterReplies();
    }

    /** Refuses malformed input. The client is disconnected afterwards. */
    void refuse(Session session, RequestDecoder broken) {
        error(session, "ERR " + broken.error());
    }

    private void incident(Kind kind, Level level, String text, @Nullable Throwable failure) {
        loop.server().incidents().note(kind, loop.nowMillis(), level, text, failure);
    }

    private @Nullable Command find(Request request) {
        Command command = table.find(request, 0);
        if (command == null || command.subcommands() == null || request.count() == 1) {
            return command;
        }
        Command subcommand = command.subcommands().find(request, 1);
        if (subcommand == null) {
            throw new CommandError("ERR unknown subcommand '" + Arguments.echoed(request, 1, ECHOED_LENGTH) + "'. Try "
                    + command.name().toUpperCase(Locale.ROOT) + " HELP.");
        }
        return subcommand;
    }

    /** The command that the first argument names; null if there is none. */
    @Nullable
    Command named(Request request) {
        return table.find(request, 0);
    }

    /** The command of a request that was looked up before. */
    Command known(Request request) {
        return Objects.requireNonNull(find(request));
    }

    private void unknown(Session session, Request request) {
        if (request.is(0, "post") || request.is(0, "host:")) {
            // A browser that was lured into talking to this port: whatever follows must not be executed.
            String text = "closing a connection of " + session.connection().remoteAddress() + " that speaks HTTP";
            incident(Kind.HTTP, Level.WARNING, text, null);
            session.closeAfterReplies();
            return;
        }
        StringBuilder arguments = new StringBuilder();
        for (int i = 1; i < request.count() && arguments.length() < ECHOED_LENGTH; i++) {
            String argument = Arguments.echoed(request, i, ECHOED_LENGTH - arguments.length());
            arguments.append('\'').append(argument).append("' ");
        }
        throw new CommandError("ERR unknown command '" + Arguments.echoed(request, 0, ECHOED_LENGTH)
                + "', with args beginning with: " + arguments);
    }
}
