package dev.penstock.server.command;

import static dev.penstock.server.session.Command.Flag.ALLOW_BUSY;
import static dev.penstock.server.session.Command.Flag.FAST;
import static dev.penstock.server.session.Command.Flag.LOADING;
import static dev.penstock.server.session.Command.Flag.NOSCRIPT;
import static dev.penstock.server.session.Command.Flag.SKIP_SLOWLOG;
import static dev.penstock.server.session.Command.Flag.STALE;
import static dev.penstock.server.session.Command.Group.TRANSACTIONS;

import dev.penstock.server.keyspace.TransactionKeyspace;
import dev.penstock.server.keyspace.WatchedKeys;
import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.resp.RequestQueue;
import dev.penstock.server.session.Command;
import dev.penstock.server.session.CommandTable;
import dev.penstock.server.session.Dispatcher;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;
import dev.penstock.server.session.Transaction;
import dev.penstock.server.transfer.MemoryBudget;
import dev.penstock.server.transfer.OutputQueue;
import dev.penstock.server.turn.Job;
import dev.penstock.server.turn.Suspended;
import dev.penstock.server.turn.Turn;
import dev.penstock.store.Store;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * MULTI, EXEC and other commands of transactions. EXEC runs the queued commands on a {@link TransactionKeyspace} of the
 * store and commits it: all writes in one batch, provided that no key that was read or watched has changed. If a
 * watched key has changed, the reply is null. If only a key that was read has changed, the replies are discarded and
 * the commands run again.
 */
final class TransactionCommands {

    private final LoopContext loop;
    private final Store store;
    private final Dispatcher dispatcher;

    TransactionCommands(LoopContext loop, Dispatcher dispatcher) {
        this.loop = loop;
        this.store = loop.store();
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
                .manyArguments()
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
        session.run(new Suspended() {
            private int next = 1;

            @Override
            public boolean goOn() {
                for (; next < request.count(); next++) {
                    if (loop.turn().isOver()) {
                        return false;
                    }
                    loop.turn().spend(Turn.KEY_STEPS);
                    session.watched().add(Arguments.keyCopy(request, next), store, request.budget());
                }
                reply.ok();
                return true;
            }
        });
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
        if (transaction.isSpoiled()) {
            session.endTransaction();
            throw new CommandError("EXECABORT Transaction discarded because of previous errors.");
        }
        session.run(new Execution(session, transaction, request.budget(), reply));
    }

    /**
     * An EXEC under way. It may take many turns: the commands see the store through a separate keyspace, which says
     * in the end whether all that they read is still so. The reply's mark is left where it was.
     */
    private final class Execution implements Suspended {

        private final Session session;
        private final Transaction transaction;
        private final Reply reply;
        private final MemoryBudget memory;
        private final OutputQueue.Mark begin;
        private @Nullable TransactionKeyspace keyspace; // null between attempts
        private WatchedKeys.@Nullable Guard guard;
        private RequestQueue.@Nullable Cursor cursor; // null until all watched keys were looked at
        private @Nullable Request current;
        private @Nullable Suspended rest; // of the current command
        private int changesBefore; // the current command
        private @Nullable Job commit;

        Execution(Session session, Transaction transaction, MemoryBudget memory, Reply reply) {
            this.memory = memory;
            this.session = session;
            this.transaction = transaction;
            this.reply = reply;
            this.begin = reply.lastMark();
        }

        @Override
        public boolean goOn() {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                TransactionKeyspace keys = keyspace;
                WatchedKeys.Guard watched = guard;
                if (keys == null || watched == null) {
                    keys = new TransactionKeyspace(store, memory);
                    keyspace = keys;
                    watched = session.watched().guard(store, keys);
                    guard = watched;
                }
                if (!watched.goOn(loop.turn())) {
                    return false;
                }
                if (watched.hasSeenChange()) {
                    reply.nilArray();
                    return true;
                }
                RequestQueue.Cursor queued = cursor != null ? cursor : begin(keys);
                if (commit == null && !execute(keys, queued)) {
                    return false;
                }
                if (commit == null && keys.isLarge()) {
                    if (!keys.detach(loop.turn())) {
                        return false;
                    }
                    commit = keys.commitElsewhere();
                    return false;
                }
                boolean committed = commit == null ? keys.commit() : commit.result();
                commit = null;
                endAttempt();
                if (committed) {
                    return true;
                }
                reply.rollback();
            }
            return false;
        }

        private RequestQueue.Cursor begin(TransactionKeyspace keys) {
            session.keyspace(keys);
            reply.array(transaction.queue().count());
            RequestQueue.Cursor queued = transaction.queue().cursor();
            cursor = queued;
            return queued;
        }

        /**
         * Executes what is queued; false if the turn is over before. A command that fails undoes nothing of the others.
         * One that fails when it has changed something, as for lack of memory, ends the transaction, of which nothing
         * is written then.
         */
        private boolean execute(TransactionKeyspace keys, RequestQueue.Cursor queued) {
            long before = System.nanoTime();
            while (true) {
                Throwable failure;
                if (rest != null) {
                    failure = dispatcher.resumeQueued(session, rest, Objects.requireNonNull(current));
                } else {
                    if (loop.turn().isOver()) {
                        return false;
                    }
                    Request next = queued.next();
                    current = next;
                    if (next == null) {
                        return true;
                    }
                    changesBefore = keys.changeCount();
                    failure = dispatcher.executeQueued(session, next);
                }
                rest = session.takeSuspended();
                if (failure != null && keys.changeCount() != changesBefore) {
                    throw Transaction.aborted(failure);
                }
                if (rest != null) {
                    return false;
                }
                long now = System.nanoTime();
                loop.turn().took(now - before);
                before = now;
            }
        }

        @Override
        public @Nullable Runnable elsewhere() {
            return commit != null ? commit : rest == null ? null : rest.elsewhere();
        }

        private void endAttempt() {
            if (rest != null) {
                rest.close();
                rest = null;
            }
            cursor = null;
            if (keyspace != null) {
                keyspace.close();
                keyspace = null;
            }
            session.keyspace(loop.keyspace());
            reply.mark(begin);
        }

        @Override
        public void close() {
            endAttempt();
            session.endTransaction();
        }
    }
}
