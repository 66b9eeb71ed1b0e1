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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Executes the entries of a log on the store of a replica, as every other replica does.
 *
 * <p>An entry is executed at its own time by the handlers that serve clients, each command on the state that the one
 * before it left. Only the error of a command is a reply. Every other failure, such as a full disk, an error of the
 * device or a lack of memory, concerns this node alone: it is thrown, and the same entry may be executed again. It must
 * not be left out, or this replica differs from the others from then on.
 *
 * <p>Crashes. All changes of an entry and its mark become one batch, unless they are so many that they might not fit a
 * segment: an entry has thousands of commands, and each may copy a value of a megabyte. Such an entry is executed in
 * parts of whole steps, and each part becomes one batch. The mark of all but the last says how many steps of the entry
 * are done, see {@link EntryMark}. A batch is there as a whole or not at all. Whatever happens at whatever time, the
 * store therefore is at the end of a step, and its mark says of which; the next execution of the entry goes on from
 * there. That is exact: the steps that are left find the state and the time that they would have found. Where an entry
 * is divided has no effect on what its steps do or reply, since {@linkplain EntryLimits limits} count for one step. A
 * transaction is one step and is never divided, so nobody sees half of one.
 *
 * <p>Nothing else may write to the store. It must have an {@link EntryClock} and segments of 32 MiB or more, which any
 * step fits that {@link dev.penstock.server.shard.Proposals} allows, after a part that is almost full. After the store
 * was opened, {@linkplain EntryClock#advance set} its clock to the time of the last entry executed, before the next.
 *
 * <p>One thread at a time.
 */
public final class EntryExecutor implements AutoCloseable {

    /** A part ends with the step that makes it change so many bytes of values. */
    private static final long PART_BYTES = 4L << 20;

    private static final int CONFLICT = -1;

    private final Store store;
    private final EntryClock clock;
    private final LoopContext loop;
    private final Dispatcher dispatcher;
    private final ChunkPool pool = new ChunkPool();
    private final ReplyCollector client;
    private final Session session;
    private List<byte[]> replies = new ArrayList<>(); // to the steps of an entry that is executed in part

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
     * Executes an entry, or what is left of it.
     *
     * @param millis the entry's time, in milliseconds of the epoch; that of the entry before holds if it is later
     * @param mark what {@link Store#mark} returns from then on
     * @return the encoded reply to each step; empty for a step that nobody wants the reply to, and for one that was
     *     executed before the store was opened
     * @throws RuntimeException if this node failed; the store is at the end of a step
     */
    public List<byte[]> execute(long millis, List<WriteStep> steps, byte[] mark) {
        EntryMark.check(mark);
        clock.advance(millis);
        while (!executePart(steps, mark)) {
            // the next part
        }
        List<byte[]> all = replies;
        replies = new ArrayList<>();
        return all;
    }

    /** Executes the next part of an entry, whose time it is; whether that was the last. */
    boolean executePart(List<WriteStep> steps, byte[] mark) {
        int first = EntryMark.doneSteps(store.mark());
        if (first > 0 && first >= steps.size()) {
            throw new IllegalStateException("the store is in the middle of another entry");
        }
        if (replies.size() != first) { // the replies to these went with the executor that had them
            replies = new ArrayList<>(Collections.nCopies(first, new byte[0]));
        }
        boolean done = false;
        try (RequestQueue requests = new RequestQueue(pool)) {
            for (WriteStep step : steps.subList(first, steps.size())) {
                step.commands().forEach(requests::add);
            }
            int end = attempt(steps, first, requests, mark);
            while (end == CONFLICT) { // the store's own sweep came in between
                end = attempt(steps, first, requests, mark);
            }
            done = true;
            return end == steps.size();
        } finally {
            if (!done) {
                client.discard();
            }
        }
    }

    /** Executes steps from the first on, until the part is full; where it ends. */
    private int attempt(List<WriteStep> steps, int first, RequestQueue requests, byte[] mark) {
        EntryLimits limits = new EntryLimits();
        try (TransactionKeyspace keys = new TransactionKeyspace(store, pool.requests(), limits)) {
            session.keyspace(keys);
            client.beginPart(replies);
            RequestQueue.Cursor cursor = requests.cursor();
            List<byte[]> made = new ArrayList<>();
            int end = first;
            while (end < steps.size() && limits.changedInAll() < PART_BYTES) {
                made.add(execute(steps.get(end++), cursor, limits));
            }
            boolean isLast = end == steps.size();
            if (!keys.commit(isLast ? mark : EntryMark.inEntry(EntryMark.ofEntry(store.mark()), end))) {
                return CONFLICT;
            }
            replies.addAll(made);
            return end;
        } finally {
            session.keyspace(loop.keyspace());
        }
    }

    private byte[] execute(WriteStep step, RequestQueue.Cursor cursor, EntryLimits limits) {
        boolean hasReply = step.protocolVersion() != WriteStep.NO_REPLY;
        client.beginReply(step.protocolVersion());
        limits.beginStep();
        if (step.isTransaction()) {
            client.reply().array(step.commands().size());
        }
        for (int i = 0; i < step.commands().size(); i++) {
            Request request = Objects.requireNonNull(cursor.next());
            boolean writes = dispatcher.writes(request);
            if (writes || hasReply) {
                limits.beginCommand(!writes);
                execute(request, writes, limits);
                client.commandReplied();
            }
        }
        return client.endReply();
    }

    private void execute(Request request, boolean writes, EntryLimits limits) {
        loop.turn().begin();
        client.reply().mark();
        Throwable failure = writes || limits.admitReading(0)
                ? dispatcher.executeQueued(session, request)
                : dispatcher.resumeQueued(session, new RefusedReading(null), request);
        for (Suspended rest = session.takeSuspended(); rest != null; rest = session.takeSuspended()) {
            boolean goesOn = writes || limits.admitReading(loop.turn().spent());
            Runnable elsewhere = goesOn ? rest.elsewhere() : null;
            if (elsewhere != null) {
                elsewhere.run();
            }
            loop.turn().begin();
            failure = dispatcher.resumeQueued(session, goesOn ? rest : new RefusedReading(rest), request);
        }
        if (!writes) {
            limits.admitReading(loop.turn().spent());
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
