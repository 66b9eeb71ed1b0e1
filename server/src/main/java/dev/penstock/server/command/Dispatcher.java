package dev.penstock.server.command;

import dev.penstock.server.resp.KeyLookahead;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.transfer.OutOfBudgetException;
import dev.penstock.server.transfer.ReplyTooLargeException;
import dev.penstock.server.transfer.Upload;
import dev.penstock.store.ReadOnlyStoreException;
import dev.penstock.store.StoreException;
import dev.penstock.store.StoreFailedException;
import dev.penstock.store.StoreFullException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Locale;

/**
 * Executes requests: finds the command, checks its arguments' number, runs it, and turns whatever it throws into one
 * error reply. Nothing that a command throws gets past here, and a reply that was begun is taken back first.
 */
public final class Dispatcher {

    private static final Logger LOG = System.getLogger(Dispatcher.class.getName());
    private static final int ECHOED_LENGTH = 128;

    private final Node node;
    private final CommandTable table = new CommandTable();
    private final SlowLog slowLog;
    private final KeyLookahead lookahead;
    private long lastNanos;

    public Dispatcher(Node node) {
        this.node = node;
        this.slowLog = node.slowLog();
        this.lookahead = new KeyLookahead(node.store().prefetch());
        new ConnectionCommands(node).register(table);
        new ClientCommands(node).register(table);
        new StringCommands(node).register(table);
        new PartCommands(node).register(table);
        new CounterCommands().register(table);
        LcsCommand.register(table);
        new KeyCommands(node).register(table);
        ScanCommands.register(table);
        new ExpiryCommands(node).register(table);
        new ObjectCommands().register(table);
        ClusterCommands.register(table);
        new ServerCommands(node).register(table);
        new ConfigCommands(node).register(table);
        new SlowLogCommands(node).register(table);
        new TransactionCommands(node, this).register(table);
        new IntrospectionCommands(table).register(table);
        new AclCommands(node, table).register(table);
        node.hub().users().check(table);
        node.statistics().commandTable(table);
    }

    /** For requests that are here already, before they are executed. */
    public KeyLookahead lookahead() {
        return lookahead;
    }

    /** Whether the request's next argument, if it is large, can go straight into the store. */
    public boolean streams(Session session, Request request, int index) {
        if (index < 2 || session.transaction() != null) {
            return false;
        }
        Command command = table.find(request, 0);
        return command != null && command.streamedArgument() == index;
    }

    /** The longest argument that is taken, in bytes. */
    public long longestArgument() {
        return node.settings().longestBulk();
    }

    /** Begins to take in a value announced by a request that {@link #streams}; a refusal shows when it executes. */
    public Upload beginUpload(Session session, Request request, long length) {
        try {
            checkRights(session, find(request), request);
            Arguments.checkKey(request, 1);
            return Upload.begin(node.store(), request.bytes(1), length);
        } catch (CommandError e) {
            return Upload.refused(e, length);
        }
    }

    public void execute(Session session, Request request) {
        Reply reply = session.reply();
        reply.mark();
        node.statistics().commandExecuted();
        Command executed = null;
        try {
            Command command = admitted(session, request);
            if (command != null) {
                Transaction transaction = session.transaction();
                if (transaction == null || command.isImmediate()) {
                    executed = command;
                    run(command, session, request);
                } else {
                    transaction.add(request, reply);
                }
            }
        } catch (RuntimeException | Error e) {
            fail(executed, reply, e);
        }
        if (session.suppressesReply()) {
            reply.rollback();
        }
        took(executed, session, request);
    }

    /** The request is still whole. */
    private void took(Command executed, Session session, Request request) {
        long nanos = System.nanoTime();
        long took = nanos - lastNanos;
        node.statistics().latencies.took(took);
        if (executed != null) {
            executed.use().calls.add(1);
            executed.use().nanos.add(took);
            slowLog.executed(session, request, took, node.nowMillis());
        }
        lastNanos = nanos;
    }

    private static void checkRights(Session session, Command command, Request request) {
        User user = session.user();
        if ((user != null && user.isUnrestricted()) || command.flags().contains(Command.Flag.NO_AUTH)) {
            return;
        }
        if (user == null) {
            throw new CommandError("NOAUTH Authentication required.");
        }
        if (!user.mayRun(command)) {
            throw new CommandError(
                    "NOPERM this user has no permissions to run the '" + command.fullName() + "' command");
        }
        if (!user.mayTouchKeys(command, request)) {
            throw new CommandError("NOPERM this user has no permissions to access one of the keys used as arguments");
        }
    }

    /** Executes a request of a transaction, in which others go on if it fails. */
    void executeQueued(Session session, Request request) {
        session.reply().mark();
        Command executed = null;
        try {
            Command command = find(request);
            checkRights(session, command, request); // again: the transaction itself may have changed the user
            command.use().calls.add(1);
            executed = command;
            run(command, session, request);
        } catch (RuntimeException | Error e) {
            fail(executed, session.reply(), e);
        }
    }

    private void run(Command command, Session session, Request request) {
        session.executing(command, node.nowMillis());
        command.handler().run(session, request, session.reply());
    }

    /** The command that is asked for, if it may be executed; null if there is nothing more to say to this client. */
    private Command admitted(Session session, Request request) {
        Command command = null;
        try {
            command = find(request);
            if (command == null) {
                unknown(session, request);
                return null;
            }
            if (!command.accepts(request.count())) {
                throw CommandError.arity(command);
            }
            checkRights(session, command, request);
            if (session.transaction() != null && !command.mayBeQueued()) {
                throw new CommandError("ERR Command not allowed inside a transaction");
            }
            return command;
        } catch (CommandError e) {
            if (command != null) {
                command.use().rejected.add(1);
            }
            if (session.transaction() != null) {
                session.transaction().spoil();
            }
            throw request.is(0, "exec") ? TransactionCommands.refused(session, e) : e;
        }
    }

    /** Requests that are here already are about to be executed; from now on, each takes until the next one begins. */
    public void beginRun() {
        lastNanos = System.nanoTime();
    }

    /** @param executed null if it did not come to that */
    private void fail(Command executed, Reply reply, Throwable e) {
        String text = errorText(e);
        node.statistics().errorReplied(text);
        if (executed != null) {
            executed.use().failed.add(1);
        }
        reply.rollback();
        reply.error(text);
    }

    /** Codes that clients know: OOM and MISCONF mean that writes are refused while reads go on. */
    private static String errorText(Throwable e) {
        return switch (e) {
            case CommandError error -> error.getMessage();
            case StoreFullException full -> "OOM no space left for the write: " + full.getMessage();
            case ReadOnlyStoreException readOnly -> "READONLY " + readOnly.getMessage();
            case StoreFailedException failed -> "MISCONF the store takes no more writes: " + failed.getMessage();
            case OutOfBudgetException full -> "OOM " + full.getMessage();
            case StoreException refused -> "ERR " + refused.getMessage();
            case ReplyTooLargeException tooLarge -> "ERR " + tooLarge.getMessage();
            default -> {
                LOG.log(Level.ERROR, "a command failed unexpectedly", e);
                yield "ERR internal error: " + e;
            }
        };
    }

    private Command find(Request request) {
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

    private static void unknown(Session session, Request request) {
        if (request.is(0, "post") || request.is(0, "host:")) {
            // A browser that was lured into talking to this port: whatever follows must not be executed.
            LOG.log(Level.WARNING, "closing a connection that speaks HTTP");
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
