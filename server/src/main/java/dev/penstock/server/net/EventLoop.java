package dev.penstock.server.net;

import dev.penstock.server.command.Commands;
import dev.penstock.server.http.HttpOptions;
import dev.penstock.server.http.HttpService;
import dev.penstock.server.metrics.IncidentLog.Kind;
import dev.penstock.server.resp.PipelinePrefetch;
import dev.penstock.server.session.Dispatcher;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Protocol;
import dev.penstock.server.session.ServerContext;
import dev.penstock.server.transfer.ChunkPool;
import dev.penstock.server.transfer.TransferContext;
import dev.penstock.server.transfer.TransferCounts;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;
import org.jspecify.annotations.Nullable;

/**
 * A thread that serves clients: it waits until sockets are ready and gives their connections a turn. The commands of
 * its clients run here, one after another. No turn is long: reads and transfers are bounded, so that clients are served
 * round-robin however much one of them transfers. Several clients are read before the first is answered: most of the
 * time of a small request is the wait for the memory of its key, and the loop overlaps these waits. A client whose
 * requests cost more than a {@link dev.penstock.server.turn.Turn} continues when all others have had theirs.
 *
 * <p>Requests come before transfers. All requests that are ready are answered first. Then the {@link SendQueue} sends
 * long replies for about as long as the requests took, and the loop looks for requests again.
 *
 * <p>There may be several loops. A connection stays with its loop. Loops share the content of {@link
 * dev.penstock.server.session.ServerContext}, and reach each other only by their mailboxes. One of them also runs the
 * {@link Acceptor}.
 *
 * <p>{@link #stop}, {@link #take} and {@link #wake} may be called from any thread; everything else happens on the
 * loop's own.
 */
public final class EventLoop implements Runnable {

    private static final Logger LOG = System.getLogger(EventLoop.class.getName());
    private static final long TURN_MILLIS = 1000;
    private static final long BUSY_TURN_MILLIS = 256;
    private static final int MAX_FAILED_TURNS = 100;

    /** How long unfinished commands run before sockets are checked, in addition to the last turn of one. */
    private static final long UNFINISHED_NANOS = 5_000_000;

    /** How many connections are read before the first of them gets its replies, at most. */
    private static final int MOST_READ = 32;

    private final Selector selector;
    private final Mailbox mailbox;
    private final LoopContext loop;
    private final Protocol.Factory redis;
    private final Protocol.Factory http; // of no consequence where nobody can connect to use it
    private final PipelinePrefetch prefetch;
    private final ArrayDeque<Connection> unanswered = new ArrayDeque<>(MOST_READ);
    private final ArrayDeque<Connection> unfinished = new ArrayDeque<>();
    private final SendQueue sends = new SendQueue(SystemNanoClock.INSTANCE);
    private final Deadlines deadlines;
    private final ChunkPool pool;
    private final TransferContext transfers;
    private final @Nullable TlsIdentity identity; // null without TLS
    private final Executor handshakes;
    private final Consumer<SelectionKey> ready = this::ready;
    private @Nullable Acceptor acceptor; // null if another loop has it

    private boolean timeIsCurrent;
    private volatile long drainNanos = -1;
    private boolean stopping;
    private long stopDeadlineNanos;

    private EventLoop(
            LoopContext loop,
            ChunkPool pool,
            @Nullable TlsIdentity identity,
            @Nullable HttpOptions http,
            Executor handshakes,
            NanoClock clock)
            throws IOException {
        this.loop = loop;
        this.pool = pool;
        this.identity = identity;
        this.handshakes = handshakes;
        Dispatcher dispatcher = Commands.dispatcher(loop);
        this.redis = dispatcher::protocol;
        this.http = http == null ? redis : new HttpService(loop, pool, dispatcher, http)::protocol;
        this.prefetch = dispatcher.prefetch();
        this.deadlines = new Deadlines(clock);
        this.selector = Selector.open();
        this.mailbox = new Mailbox(selector);
        this.transfers = new TransferContext(pool, loop.settings().transfers(), mailbox);
    }

    /**
     * Creates loops that share the clients; each is run by a separate thread.
     *
     * @param listeners taken over by the first loop
     * @param identity null without TLS
     * @param http null without HTTP
     * @param handshakes does the arithmetic of handshakes, which takes long and needs nothing of a loop
     * @param clock what time-outs go by
     */
    public static List<EventLoop> open(
            int count,
            Listeners listeners,
            ServerContext server,
            @Nullable TlsIdentity identity,
            @Nullable HttpOptions http,
            Executor handshakes,
            NanoClock clock)
            throws IOException {
        List<EventLoop> loops = new ArrayList<>();
        try {
            ChunkPool pool = new ChunkPool();
            for (int i = 0; i < count; i++) {
                loops.add(new EventLoop(new LoopContext(server), pool, identity, http, handshakes, clock));
                pool = new ChunkPool(pool);
            }
            EventLoop first = loops.getFirst();
            first.acceptor = new Acceptor(listeners, loops, first.loop, first.selector);
            return List.copyOf(loops);
        } catch (IOException | RuntimeException | Error e) {
            loops.forEach(EventLoop::closeSelector);
            throw e;
        }
    }

    /**
     * Asks the loop to end: nothing new is accepted or executed, replies under way are sent, and whatever is left
     * after the given time is cut off. Returns at once.
     */
    public void stop(Duration drain) {
        drainNanos = Math.max(0, drain.toNanos());
        selector.wakeup();
    }

    /** Has the loop take a turn now. */
    public void wake() {
        selector.wakeup();
    }

    /** Gives the loop a client that was admitted. */
    void take(SocketChannel channel, ListenerKind kind) {
        if (mailbox.isOwn()) {
            open(channel, kind);
        } else {
            mailbox.execute(() -> open(channel, kind));
        }
    }

    @Override
    public void run() {
        mailbox.own();
        try {
            int failures = 0;
            while (!stopped()) {
                try {
                    turn();
                    failures = 0;
                } catch (RuntimeException | Error e) {
                    // One turn's mishap is not everybody's end; a broken loop is. What a client's connection throws
                    // does not come here: see Connection.guarded.
                    loop.incidents()
                            .note(
                                    Kind.FAILED_TURN,
                                    loop.nowMillis(),
                                    Level.ERROR,
                                    "a turn of the event loop failed",
                                    e);
                    if (++failures == MAX_FAILED_TURNS) {
                        throw e;
                    }
                }
            }
        } catch (IOException | RuntimeException | Error e) {
            LOG.log(Level.ERROR, "the event loop ends", e);
        } finally {
            close();
        }
    }

    private void turn() throws IOException {
        timeIsCurrent = false;
        if (unfinished.isEmpty()
                && sends.isEmpty()
                && (loop.replication() == null || !loop.replication().isUnfinished())) {
            selector.select(ready, waitMillis());
        } else {
            selector.selectNow(ready);
        }
        replyPhase();
        updateTime();
        continueTurns();
        sends.send();
        mailbox.empty();
        loop.metrics().sample(loop.nowMillis());
        deadlines.fire();
        if (loop.replication() != null) {
            loop.replication().endTurn();
        }
        if (acceptor != null) {
            acceptor.look();
        }
        if (drainNanos >= 0 && !stopping) {
            beginStop();
        }
        loop.metrics().turned();
    }

    /**
     * Another turn for those that had more to do than fitted one; for as many as fit some time, and those after them
     * next.
     */
    private void continueTurns() {
        long begin = System.nanoTime();
        for (int count = unfinished.size(); count > 0; count--) {
            Connection next = unfinished.pollFirst();
            loop.turn().unfinished(unfinished.size());
            next.continueTurn();
            if (System.nanoTime() - begin > UNFINISHED_NANOS) {
                return;
            }
        }
    }

    private long waitMillis() {
        if (stopping) {
            return Math.clamp((stopDeadlineNanos - System.nanoTime()) / 1_000_000, 1, BUSY_TURN_MILLIS);
        }
        long wait = loop.clientCount() > 0 ? BUSY_TURN_MILLIS : TURN_MILLIS;
        return acceptor == null ? wait : acceptor.waitMillis(wait);
    }

    private void updateTime() {
        if (!timeIsCurrent) {
            timeIsCurrent = true;
            sends.beginTurn();
            loop.tick(System.currentTimeMillis());
            deadlines.tick();
        }
    }

    private void ready(SelectionKey key) {
        updateTime();
        if (!key.isValid()) {
            return; // closed by an earlier connection's turn
        }
        if (key.attachment() instanceof Connection connection) {
            if (connection.defer()) {
                return;
            }
            connection.receivePhase();
            unanswered.addLast(connection);
            if (unanswered.size() == MOST_READ || prefetch.isFull()) {
                replyPhase();
            }
        } else if (acceptor != null) {
            acceptor.ready(key);
        }
    }

    /** Schedules another turn for a connection. */
    private void again(Connection connection) {
        unfinished.addLast(connection);
        loop.turn().unfinished(unfinished.size());
    }

    /** Replies to the connections that were read, once the memory of all the keys they named is on its way. */
    private void replyPhase() {
        prefetch.run();
        for (Connection next = unanswered.pollFirst(); next != null; next = unanswered.pollFirst()) {
            next.replyPhase();
        }
    }

    /** A connection that fails at its start is dropped and forgotten. */
    private void open(SocketChannel channel, ListenerKind kind) {
        boolean opened = false;
        try {
            if (!stopping) {
                channel.configureBlocking(false);
                if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
                    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                    channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
                }
                SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
                TlsWire tls = kind.isSecure() ? tls(channel, key) : null;
                Protocol.Factory protocols = kind.isHttp() ? http : redis;
                TransferCounts counts = kind.isHttp()
                        ? loop.metrics().httpTransfers()
                        : loop.metrics().transfers();
                key.attach(new Connection(
                        channel, tls, key, loop, protocols, transfers, counts, deadlines, mailbox, this::again, sends));
                loop.metrics().connectionAccepted();
                opened = true;
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a connection broke at its start: {0}", e.getMessage());
        } catch (RuntimeException | Error e) {
            String text = "closed a connection at its start: " + channel;
            loop.incidents().note(Kind.BROKEN_CONNECTION, loop.nowMillis(), Level.ERROR, text, e);
        } finally {
            if (!opened) {
                loop.dismiss();
                Sockets.close(channel);
            }
        }
    }

    private TlsWire tls(SocketChannel channel, SelectionKey key) {
        return new TlsWire(
                channel,
                Objects.requireNonNull(identity).context(deadlines.nowMillis()),
                pool.heapScratch(),
                task -> handshakes.execute(() -> {
                    task.run(); // what goes wrong in it shows at the next turn
                    mailbox.execute(() -> ((Connection) key.attachment()).resume());
                }));
    }

    private void beginStop() {
        stopping = true;
        stopDeadlineNanos = System.nanoTime() + drainNanos;
        if (acceptor != null) {
            acceptor.close();
        }
        for (SelectionKey key : selector.keys()) {
            if (key.attachment() instanceof Connection connection) {
                connection.drainAndClose();
            }
        }
    }

    private boolean stopped() {
        return stopping && (loop.clientCount() == 0 || System.nanoTime() - stopDeadlineNanos >= 0);
    }

    private void close() {
        stopping = true;
        if (acceptor != null) {
            acceptor.close();
        }
        for (SelectionKey key : selector.keys()) {
            if (key.attachment() instanceof Connection connection) {
                connection.guarded(connection::kill);
            }
        }
        transfers.awaitReaders();
        mailbox.close();
        transfers.close();
        closeSelector();
    }

    private void closeSelector() {
        try {
            selector.close();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "closing the selector failed", e);
        }
    }
}
