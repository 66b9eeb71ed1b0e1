package dev.penstock.server.command;

import dev.penstock.server.keyspace.TransactionKeyspace;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;
import dev.penstock.server.transfer.MemoryBudget;
import dev.penstock.server.turn.Job;
import dev.penstock.server.turn.Suspended;
import dev.penstock.server.turn.Turn;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Changes that take effect together, on a {@link TransactionKeyspace}; repeated whenever another writer interferes.
 * Long ones are made in parts, and another thread writes them.
 */
public final class AtomicChange implements Suspended {

    private final Session session;
    private final LoopContext loop;
    private final MemoryBudget memory;
    private final Changes changes;
    private @Nullable TransactionKeyspace keyspace; // null until an attempt begins
    private boolean nested; // in a transaction, which commits
    private boolean changed;
    private @Nullable Job commit;

    /** What is changed. */
    interface Changes {

        /** An attempt begins. */
        void begin();

        /** Makes some of the changes, until the turn is over; whether that is all. If it throws, nothing is changed. */
        boolean make(TransactionKeyspace keys, Turn turn);

        /** Replies when all is written. */
        void reply();
    }

    private AtomicChange(Session session, LoopContext loop, MemoryBudget memory, Changes changes) {
        this.memory = memory;
        this.session = session;
        this.loop = loop;
        this.changes = changes;
    }

    /** @param memory what the changes count in until they are written */
    static void run(Session session, LoopContext loop, MemoryBudget memory, Changes changes) {
        session.run(new AtomicChange(session, loop, memory, changes));
    }

    /** Changes that are few. */
    static void run(
            Session session,
            LoopContext loop,
            MemoryBudget memory,
            Predicate<TransactionKeyspace> changes,
            Consumer<Boolean> reply) {
        run(session, loop, memory, new Changes() {
            private boolean result;

            @Override
            public void begin() {
                // there is nothing left of the attempt before
            }

            @Override
            public boolean make(TransactionKeyspace keys, Turn turn) {
                result = changes.test(keys);
                return true;
            }

            @Override
            public void reply() {
                reply.accept(result);
            }
        });
    }

    @Override
    public boolean goOn() {
        for (int attempt = 0; attempt < ATTEMPTS; ) {
            if (commit != null) {
                boolean committed = commit.result();
                commit = null;
                if (isDone(committed)) {
                    return true;
                }
                attempt++;
            } else {
                TransactionKeyspace keys = keyspace != null ? keyspace : begin();
                changed = changed || changes.make(keys, loop.turn());
                if (!changed) {
                    return false;
                }
                if (!nested && keys.isLarge()) {
                    if (!keys.detach(loop.turn())) {
                        return false;
                    }
                    commit = keys.commitElsewhere();
                    return false;
                }
                if (isDone(nested || keys.commit())) {
                    return true;
                }
                attempt++;
            }
        }
        return false;
    }

    private TransactionKeyspace begin() {
        nested = session.keyspace() instanceof TransactionKeyspace;
        TransactionKeyspace keys =
                nested ? (TransactionKeyspace) session.keyspace() : new TransactionKeyspace(loop.store(), memory);
        keyspace = keys;
        changed = false;
        changes.begin();
        return keys;
    }

    private boolean isDone(boolean committed) {
        close();
        if (committed) {
            changes.reply();
        }
        return committed;
    }

    @Override
    public @Nullable Runnable elsewhere() {
        return commit;
    }

    @Override
    public void close() {
        if (keyspace != null && !nested) {
            keyspace.close();
        }
        keyspace = null;
    }
}
