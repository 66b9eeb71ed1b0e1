package dev.penstock.server.command;

import static dev.penstock.server.command.Command.Flag.ALLOW_BUSY;
import static dev.penstock.server.command.Command.Flag.FAST;
import static dev.penstock.server.command.Command.Flag.LOADING;
import static dev.penstock.server.command.Command.Flag.NOSCRIPT;
import static dev.penstock.server.command.Command.Flag.SKIP_SLOWLOG;
import static dev.penstock.server.command.Command.Flag.STALE;
import static dev.penstock.server.command.Command.Group.TRANSACTIONS;

import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.transfer.OutputQueue;
import dev.penstock.store.Store;

/**
 * MULTI, EXEC and the rest of transactions. EXEC runs the queued commands on an {@link Overlay} of the store and commits it:
 * all writes in one batch, provided that nothing that was read or watched has changed. If something watched has, the reply
 * is null; if only something that was read, the replies are taken back and the commands run again.
 */
final class TransactionCommands {

    private final Node node;
    private final Store store;
    private final Dispatcher dispatcher;

    TransactionCommands(Node node, Dispatcher dispatcher) {
        this.node = node;
        this.store = node.store();
        this.dispatcher = dispatcher;
    }

    void register(CommandTable table) {
        table.add(command("multi", 1, "1.2.0", "O(1)", "Begins a transaction.")
                .immediate()
                .runs(TransactionCommands::multi));
        table.add(command("exec", 1, "1.2.0", "Depends on commands in the transaction", "Executes a transaction.")
                .flags(NOSCRIPT, LOADING, STALE, SKIP_SLOWLOG)
                .immediate()
                .runs(this::exec));
        table.add(
                command("discard", 1, "2.0.0", "O(N) where N is the number of queued commands", "Drops a transaction.")
                        .immediate()
                        .runs(TransactionCommands::discard));
        table.add(command("watch", -2, "2.2.0", "O(1) for every key", "Makes the next transaction depend on keys.")
                .keys(1, -1, 1)
                .immediate()
                .runs(this::watch));
        table.add(command("unwatch", 1, "2.2.0", "O(1)", "Forgets about watched keys.")
                .runs(TransactionCommands::unwatch));
    }

    private static Command command(String name, int arity, String since, String cost, String summary) {
        return Command.named(name)
                .arity(arity)
                .flags(NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY)
                .docs(TRANSACTIONS, since, cost, summary);
    }

    private static void multi(Session session, Request request, Reply reply) {
        if (session.transaction() != null) {
            throw new CommandError("ERR MULTI calls can not be nested");
        }
        session.beginTransaction(new Transaction(request.newQueue()));
        reply.ok();
    }

    private static void discard(Session session, Request request, Reply reply) {
        if (session.transaction() == null) {
            throw new CommandError("ERR DISCARD without MULTI");
        }
        session.endTransaction();
        reply.ok();
    }

    private void watch(Session session, Request request, Reply reply) {
        if (session.transaction() != null) {
            throw new CommandError("ERR WATCH inside MULTI is not allowed");
        }
        for (int i = 1; i < request.count(); i++) {
            session.watched().add(Arguments.keyCopy(request, i), store, request.budget());
        }
        reply.ok();
    }

    /** Within a transaction it comes too late to matter: EXEC has looked at the keys already. */
    private static void unwatch(Session session, Request request, Reply reply) {
        if (session.transaction() == null) {
            session.watched().close();
        }
        reply.ok();
    }

    private void exec(Session session, Request request, Reply reply) {
        Transaction transaction = session.transaction();
        if (transaction == null) {
            throw new CommandError("ERR EXEC without MULTI");
        }
        try {
            if (transaction.isSpoiled()) {
                throw new CommandError("EXECABORT Transaction discarded because of previous errors.");
            }
            while (!executed(session, transaction, reply)) {
                reply.rollback();
            }
        } finally {
            session.endTransaction();
        }
    }

    /** False if another writer came between. The reply's mark is left where it was. */
    private boolean executed(Session session, Transaction transaction, Reply reply) {
        if (session.watched().haveChanged(store)) {
            reply.nilArray();
            return true;
        }
        OutputQueue.Mark begin = reply.lastMark();
        try (Overlay overlay = new Overlay(store)) {
            session.watched().guard(overlay);
            session.keyspace(overlay);
            reply.array(transaction.queue().count());
            transaction.queue().forEach(queued -> dispatcher.executeQueued(session, queued));
            return overlay.commit();
        } finally {
            session.keyspace(node.keyspace());
            reply.mark(begin);
        }
    }

    /** The error of an EXEC that itself was refused: it ends the transaction all the same. */
    static CommandError refused(Session session, CommandError reason) {
        session.endTransaction();
        String text = reason.getMessage();
        return new CommandError("EXECABORT Transaction discarded because of: "
                + (text.startsWith("ERR ") ? text.substring("ERR ".length()) : text));
    }
}
