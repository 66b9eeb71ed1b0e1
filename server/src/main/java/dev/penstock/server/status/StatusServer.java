package dev.penstock.server.status;

import dev.penstock.server.http.HostNames;
import dev.penstock.server.metrics.IncidentLog.Kind;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.ServerContext;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A small HTTP server for people, collectors of metrics and supervisors. It only shows, and shows neither keys nor
 * values. {@link StatusAccess} decides which clients need a password.
 *
 * <p>One thread serves all connections; the event loops notice it by the figures it reads. The number of connections is
 * fixed. A newcomer that finds them all taken takes the place of the one that has been sending its request for longest,
 * so that silent connections keep nobody out. If no descriptor is left, the server pauses before it accepts again.
 */
public final class StatusServer implements AutoCloseable {

    private static final Logger LOG = System.getLogger(StatusServer.class.getName());
    private static final int ACCEPTS_PER_TURN = 16;
    private static final long LOOK_MILLIS = 1000;
    private static final long PAUSE_MILLIS = 100;

    private final LoopContext loop; // counts, and turns, like that of an event loop
    private final StatusPages pages;
    private final int mostConnections;
    private final Selector selector;
    private final List<ServerSocketChannel> listeners;
    private final int port;
    private final Deque<StatusConnection> connections = new ArrayDeque<>(); // the oldest first
    private final Thread thread =
            Thread.ofPlatform().daemon().name("penstock-status").unstarted(this::run);
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private long pausedUntilMillis;
    private volatile boolean closed;

    private StatusServer(
            ServerContext server, List<ServerSocketChannel> listeners, Collection<String> names, int mostConnections)
            throws IOException {
        this.loop = new LoopContext(server);
        this.pages = new StatusPages(server, new StatusAccess(loop, new HostNames(names)));
        this.mostConnections = mostConnections;
        this.listeners = List.copyOf(listeners);
        this.port = ((InetSocketAddress) listeners.getFirst().getLocalAddress()).getPort();
        this.selector = Selector.open();
        try {
            for (ServerSocketChannel listener : listeners) {
                listener.register(selector, SelectionKey.OP_ACCEPT);
            }
        } catch (IOException | RuntimeException | Error e) {
            close(selector);
            throw e;
        }
    }

    /**
     * @param listeners at least one, all on the same port; the status server closes them, also if it cannot start
     * @param names of the addresses that they are bound to
     * @param mostConnections how many there are at once
     */
    public static StatusServer start(
            ServerContext server, List<ServerSocketChannel> listeners, Collection<String> names, int mostConnections)
            throws IOException {
        StatusServer status = null;
        try {
            status = new StatusServer(server, listeners, names, mostConnections);
            status.thread.start(); // fails if the system is out of threads
            return status;
        } catch (IOException | RuntimeException | Error e) {
            listeners.forEach(StatusServer::close);
            if (status != null) {
                close(status.selector);
            }
            throw e;
        }
    }

    public int port() {
        return port;
    }

    private static long nowMillis() {
        return System.nanoTime() / 1_000_000;
    }

    private void run() {
        try {
            JvmFigures.now(); // loads their classes while there are descriptors for that
            while (!closed) {
                selector.select(this::ready, pausedUntilMillis == 0 ? LOOK_MILLIS : PAUSE_MILLIS);
                look(nowMillis());
            }
        } catch (IOException | RuntimeException | Error e) {
            LOG.log(Level.ERROR, "the status port ends", e);
        } finally {
            connections.forEach(StatusConnection::close);
            listeners.forEach(StatusServer::close);
            close(selector);
            ended.complete(null);
        }
    }

    private void ready(SelectionKey key) {
        if (!key.isValid()) {
            return; // closed to make room
        }
        if (key.channel() instanceof ServerSocketChannel listener) {
            accept(listener);
        } else {
            guarded((StatusConnection) key.attachment());
        }
    }

    private void accept(ServerSocketChannel listener) {
        try {
            for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
                SocketChannel channel = listener.accept();
                if (channel == null) {
                    return;
                }
                makeRoom();
                open(channel);
            }
        } catch (IOException e) {
            // Out of file descriptors, most likely. Trying again at once would spin, so wait for some to be closed.
            pausedUntilMillis = nowMillis() + PAUSE_MILLIS;
            listenFor(0);
            String text = "cannot accept connections to the status port for now: " + e.getMessage();
            loop.incidents().note(Kind.FAILED_ACCEPT, System.currentTimeMillis(), text);
        }
    }

    private void open(SocketChannel channel) {
        try {
            channel.configureBlocking(false);
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
            StatusConnection connection =
                    new StatusConnection(channel, key, pages, StatusClient.of(channel), nowMillis());
            key.attach(connection);
            connections.addLast(connection);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a connection broke at its start: {0}", e.getMessage());
            close(channel);
        }
    }

    /** The one that goes is looked at once more: its request may have come in the same turn. */
    private void makeRoom() {
        while (connections.size() >= mostConnections) {
            StatusConnection oldest = connections.stream()
                    .filter(StatusConnection::isReceiving)
                    .findFirst()
                    .orElseGet(connections::getFirst);
            guarded(oldest);
            oldest.close();
            connections.remove(oldest);
        }
    }

    /** An error ends this connection and no other. */
    private void guarded(StatusConnection connection) {
        try {
            connection.turn(nowMillis());
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a connection to the status port broke: {0}", e.getMessage());
            connection.close();
        } catch (RuntimeException | Error e) {
            connection.close();
            loop.incidents()
                    .note(Kind.FAILED_PAGE, System.currentTimeMillis(), Level.WARNING, "the status page failed", e);
        }
        if (connection.isClosed()) {
            connections.remove(connection);
        }
    }

    private void listenFor(int operations) {
        for (ServerSocketChannel listener : listeners) {
            listener.keyFor(selector).interestOps(operations);
        }
    }

    /** Once a turn. */
    private void look(long nowMillis) {
        loop.metrics().turned();
        for (StatusConnection connection : List.copyOf(connections)) {
            if (connection.isDue(nowMillis)) {
                guarded(connection);
            } else if (connection.isOverdue(nowMillis)) {
                connection.close();
                connections.remove(connection);
            }
        }
        if (pausedUntilMillis != 0 && nowMillis >= pausedUntilMillis) {
            pausedUntilMillis = 0;
            listenFor(SelectionKey.OP_ACCEPT);
        }
    }

    private static void close(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            LOG.log(Level.DEBUG, "closing a socket failed: {0}", e.getMessage());
        }
    }

    /** Stops at once. */
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        ended.join();
    }
}
