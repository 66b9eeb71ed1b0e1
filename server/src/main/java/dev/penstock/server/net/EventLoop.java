package dev.penstock.server.net;

import dev.penstock.server.command.Dispatcher;
import dev.penstock.server.command.Node;
import dev.penstock.server.transfer.ChunkPool;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.agrona.concurrent.NanoClock;

/**
 * The one thread that serves all clients: it waits until a socket is ready and gives its connection a turn. Commands
 * run here, one after another, which makes each of them atomic among clients. No turn is long: reads and transfers are
 * bounded, so that clients come round-robin however much one of them moves.
 *
 * <p>{@link #stop} may be called from any thread; everything else happens on the loop's own.
 */
public final class EventLoop implements Runnable {

    private static final Logger LOG = System.getLogger(EventLoop.class.getName());
    private static final byte[] TOO_MANY_CLIENTS =
            "-ERR max number of clients reached\r\n".getBytes(StandardCharsets.ISO_8859_1);
    private static final int ACCEPTS_PER_TURN = 64;
    private static final long TURN_MILLIS = 1000;
    private static final long BUSY_TURN_MILLIS = 256;
    private static final long ACCEPT_PAUSE_MILLIS = 100;
    private static final int MAX_FAILED_TURNS = 100;
    /** Kinds of listening sockets. */
    private enum Door {
        PLAIN,
        TLS
    }

    private final Selector selector;
    private final Listeners listeners;
    private final Node node;
    private final Dispatcher dispatcher;
    private final Deadlines deadlines;
    private final ChunkPool pool = new ChunkPool();
    private final Consumer<SelectionKey> ready = this::ready;
    private final Queue<Runnable> mailbox = new ConcurrentLinkedQueue<>();
    private final TlsIdentity identity; // null without TLS
    private final Executor handshakes;

    private boolean timeIsCurrent;
    private long acceptPausedUntilMillis;
    private volatile long drainNanos = -1;
    private boolean stopping;
    private long stopDeadlineNanos;

    /**
     * Takes the listeners over.
     *
     * @param identity null if none of the listeners is for TLS
     * @param handshakes does the arithmetic of handshakes, which takes long and needs nothing of the loop
     * @param clock what time-outs go by
     */
    public EventLoop(Listeners listeners, Node node, TlsIdentity identity, Executor handshakes, NanoClock clock)
            throws IOException {
        this.listeners = listeners;
        this.identity = identity;
        this.handshakes = handshakes;
        this.node = node;
        this.dispatcher = new Dispatcher(node);
        this.deadlines = new Deadlines(clock);
        this.selector = Selector.open();
        try {
            for (ServerSocketChannel channel : listeners.channels()) {
                channel.register(selector, SelectionKey.OP_ACCEPT, Door.PLAIN);
            }
            for (ServerSocketChannel channel : listeners.tlsChannels()) {
                channel.register(selector, SelectionKey.OP_ACCEPT, Door.TLS);
            }
        } catch (IOException e) {
            selector.close();
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

    /** Has the loop take a turn now, from any thread. */
    public void wake() {
        selector.wakeup();
    }

    /** Has something done by the loop's own thread, from any thread. */
    private void execute(Runnable message) {
        mailbox.add(message);
        selector.wakeup();
    }

    @Override
    public void run() {
        try {
            int failures = 0;
            while (!stopped()) {
                try {
                    turn();
                    failures = 0;
                } catch (RuntimeException | Error e) {
                    // One turn's mishap, a logger's own failure say, is not everybody's end; a broken loop is.
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
        selector.select(ready, waitMillis());
        updateTime();
        for (Runnable message = mailbox.poll(); message != null; message = mailbox.poll()) {
            message.run();
        }
        node.statistics().sample(node.nowMillis());
        deadlines.fire();
        if (acceptPausedUntilMillis != 0 && node.nowMillis() >= acceptPausedUntilMillis) {
            acceptPausedUntilMillis = 0;
            listenFor(SelectionKey.OP_ACCEPT);
        }
        if (drainNanos >= 0 && !stopping) {
            beginStop();
        }
    }

    private long waitMillis() {
        if (stopping) {
            return Math.clamp((stopDeadlineNanos - System.nanoTime()) / 1_000_000, 1, BUSY_TURN_MILLIS);
        }
        if (acceptPausedUntilMillis != 0) {
            return ACCEPT_PAUSE_MILLIS;
        }
        return node.sessionCount() > 0 ? BUSY_TURN_MILLIS : TURN_MILLIS;
    }

    private void updateTime() {
        if (!timeIsCurrent) {
            timeIsCurrent = true;
            node.tick(System.currentTimeMillis());
            deadlines.tick();
        }
    }

    private void ready(SelectionKey key) {
        updateTime();
        if (!key.isValid()) {
            return; // closed by an earlier connection's turn
        }
        if (key.attachment() instanceof Connection connection) {
            connection.ready();
        } else {
            accept((ServerSocketChannel) key.channel(), key.attachment() == Door.TLS);
        }
    }

    private void accept(ServerSocketChannel listener, boolean secure) {
        try {
            for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
                SocketChannel channel = listener.accept();
                if (channel == null) {
                    return;
                }
                open(channel, secure);
            }
        } catch (IOException e) {
            // Out of file descriptors, most likely. Trying again at once would spin, so wait for some to be closed.
            acceptPausedUntilMillis = node.nowMillis() + ACCEPT_PAUSE_MILLIS;
            listenFor(0);
            LOG.log(Level.WARNING, "cannot accept connections for now: {0}", e.getMessage());
        }
    }

    /** A connection that fails at its start is dropped and forgotten. */
    private void open(SocketChannel channel, boolean secure) {
        try {
            channel.configureBlocking(false);
            if (node.sessionCount() >= node.settings().maxClients()) {
                node.statistics().connectionRejected();
                if (!secure) {
                    channel.write(ByteBuffer.wrap(TOO_MANY_CLIENTS));
                }
                channel.close();
                return;
            }
            if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            }
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
            TlsWire tls = secure ? tls(channel, key) : null;
            key.attach(new Connection(channel, tls, key, node, dispatcher, pool, deadlines));
            node.statistics().connectionAccepted();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a connection broke at its start: {0}", e.getMessage());
            closeQuietly(channel);
        }
    }

    private TlsWire tls(SocketChannel channel, SelectionKey key) {
        return new TlsWire(
                channel,
                identity.context(deadlines.nowMillis()),
                pool.heapScratch(),
                task -> handshakes.execute(() -> {
                    task.run(); // what goes wrong in it shows at the next turn
                    execute(() -> ((Connection) key.attachment()).resume());
                }));
    }

    private void listenFor(int operations) {
        for (SelectionKey key : selector.keys()) {
            if (key.attachment() instanceof Door && key.isValid()) {
                key.interestOps(operations);
            }
        }
    }

    private void beginStop() {
        stopping = true;
        stopDeadlineNanos = System.nanoTime() + drainNanos;
        listeners.close();
        for (SelectionKey key : selector.keys()) {
            if (key.attachment() instanceof Connection connection) {
                connection.finish();
            }
        }
    }

    private boolean stopped() {
        return stopping && (node.sessionCount() == 0 || System.nanoTime() - stopDeadlineNanos >= 0);
    }

    private void close() {
        listeners.close();
        for (SelectionKey key : selector.keys()) {
            if (key.attachment() instanceof Connection connection) {
                connection.kill();
            }
        }
        try {
            selector.close();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "closing the selector failed", e);
        }
    }

    private static void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "closing a socket failed: {0}", e.getMessage());
        }
    }
}
