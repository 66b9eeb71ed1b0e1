package dev.penstock.server.replica;

import dev.penstock.server.acl.Users;
import dev.penstock.server.command.Commands;
import dev.penstock.server.config.Settings;
import dev.penstock.server.keyspace.EntryLimits;
import dev.penstock.server.keyspace.TransactionKeyspace;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Request;
import dev.penstock.server.resp.RequestQueue;
import dev.penstock.server.session.Dispatcher;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.ServerContext;
import dev.penstock.server.session.Session;
import dev.penstock.server.shard.EntryClock;
import dev.penstock.server.shard.Router;
import dev.penstock.server.shard.WriteStep;
import dev.penstock.server.transfer.ChunkPool;
import dev.penstock.server.turn.Suspended;
import dev.penstock.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Executes the entries of a log on the store of a replica, as every other replica does.
 *
 * <p>An entry is executed at its own time by the handlers that serve clients, each command on the state that the one
 * before it left. All changes and the mark become one batch, so that after a crash the store is exactly at the end of
 * an entry, and says of which. Only the error of a command is a reply. Every other failure, such as a full disk, an
 * error of the device or a lack of memory, concerns this node alone: it is thrown, nothing has changed, and the same
 * entry may be executed again. It must not be left out, or this replica differs from the others from then on.
 *
 * <p>Nothing else may write to the store. It must have an {@link EntryClock} and segments of 32 MiB or more, which any
 * entry fits that {@link dev.penstock.server.shard.Proposals} allows. After the store was opened, {@linkplain
 * EntryClock#advance set} its clock to the time of the last entry executed, before the next.
 *
 * <p>One thread at a time.
 */
public final class EntryExecutor implements AutoCloseable {

    private final Store store;
    private final EntryClock clock;
    private final LoopContext loop;
    private final Dispatcher dispatcher;
    private final ChunkPool pool = new ChunkPool();
    private final ReplyCollector client;
    private final Session session;

    /**
     * Executes entries on a store.
     *
     * @param clock what the store was opened with
     * @throws IllegalArgumentException if the store goes by another clock
     */
    public EntryExecutor(Store store, EntryClock clock) {
        if (store.clock().millis() != clock.millis()) {
            throw new IllegalArgumentException("the store goes by another clock");
        }
        this.store = store;
        this.clock = clock;
        // Default settings, whatever those of the node are: what an entry does must not depend on them.
        Settings settings = new Settings(0, Map.of());
        loop = new LoopContext(
                new ServerContext(store, settings, Users.ofDefault(null), Router.STANDALONE, null, () -> {}));
        dispatcher = Commands.dispatcher(loop);
        client = new ReplyCollector(pool, loop.metrics().transfers());
        session = loop.open(client, client.reply());
    }

    /**
     * Executes an entry.
     *
     * @param millis the entry's time, in milliseconds of the epoch; that of the entry before holds if it is later
     * @param mark what {@link Store#mark} returns from then on
     * @return the encoded reply to each step; empty for a step that nobody wants the reply to
     * @throws RuntimeException if this node failed; nothing is changed
     */
    public List<byte[]> execute(long millis, List<WriteStep> steps, byte[] mark) {
        clock.advance(millis);
        boolean done = false;
        try (RequestQueue requests = new RequestQueue(pool)) {
            for (WriteStep step : steps) {
                step.commands().forEach(requests::add);
            }
            List<byte[]> replies = attempt(steps, requests, mark);
            while (replies == null) { // the store's own sweep came in between
                replies = attempt(steps, requests, mark);
            }
            done = true;
            return replies;
        } finally {
            if (!done) {
                client.discard();
            }
        }
    }

    private @Nullable List<byte[]> attempt(List<WriteStep> steps, RequestQueue requests, byte[] mark) {
        EntryLimits limits = new EntryLimits();
        try (TransactionKeyspace keys = new TransactionKeyspace(store, pool.requests(), limits)) {
            session.keyspace(keys);
            RequestQueue.Cursor cursor = requests.cursor();
            List<byte[]> replies = new ArrayList<>(steps.size());
            for (WriteStep step : steps) {
                replies.add(execute(step, cursor, limits));
            }
            return keys.commit(mark) ? replies : null;
        } finally {
            session.keyspace(loop.keyspace());
        }
    }

    private byte[] execute(WriteStep step, RequestQueue.Cursor cursor, EntryLimits limits) {
        boolean hasReply = step.protocolVersion() != WriteStep.NO_REPLY;
        client.reply().protocolVersion(hasReply ? step.protocolVersion() : 2);
        if (step.isTransaction()) {
            client.reply().array(step.commands().size());
        }
        for (int i = 0; i < step.commands().size(); i++) {
            Request request = Objects.requireNonNull(cursor.next());
            boolean writes = dispatcher.writes(request);
            if (writes || hasReply) {
                limits.countReads(writes);
                execute(request, writes);
            }
        }
        byte[] reply = client.take();
        return hasReply ? reply : new byte[0];
    }

    private void execute(Request request, boolean writes) {
        loop.turn().begin();
        Throwable failure = dispatcher.executeQueued(session, request);
        for (Suspended rest = session.takeSuspended(); rest != null; rest = session.takeSuspended()) {
            Runnable elsewhere = rest.elsewhere();
            if (elsewhere != null) {
                elsewhere.run();
            }
            loop.turn().begin();
            failure = dispatcher.resumeQueued(session, rest, request);
        }
        // A command that only reads is executed by the leader alone, so its failure may be its reply.
        if (failure != null && writes && !(failure instanceof CommandError)) {
            if (failure instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) failure;
        }
    }

    @Override
    public void close() {
        loop.close(session);
        client.close();
    }
}
