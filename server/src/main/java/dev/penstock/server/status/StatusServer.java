package dev.penstock.server.status;

import dev.penstock.server.metrics.IncidentLog.Kind;
import dev.penstock.server.session.ServerContext;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A small HTTP server for people and collectors of metrics on this machine. It only shows, needs no password and shows
 * neither keys nor values.
 *
 * <p>One thread serves all connections; the event loops notice it by the figures it reads. The number of connections is
 * fixed. A newcomer that finds them all taken takes the place of the one that has been sending its request for longest,
 * so that silent connections keep nobody out. If no descriptor is left, the server pauses before it accepts again.
 */
public final class StatusServer implements AutoCloseable {

    private static final Logger LOG = System.getLogger(StatusServer.class.getName());
    private static final int BACKLOG = 128;
    private static final int ACCEPTS_PER_TURN = 16;
    private static final long LOOK_MILLIS = 1000;
    private static final long PAUSE_MILLIS = 100;

    private final ServerContext server;
    private final StatusPages pages;
    private final int mostConnections;
    private final Selector selector;
    private final ServerSocketChannel listener;
    private final SelectionKey accepting;
    private final int port;
    private final Deque<StatusConnection> connections = new ArrayDeque<>(); // the oldest first
    private final Thread thread =
            Thread.ofPlatform().daemon().name("penstock-status").unstarted(this::run);
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private long pausedUntilMillis;
    private volatile boolean closed;

    private StatusServer(ServerContext server, int port, int mostConnections) throws IOException {
        this.server = server;
        this.pages = new StatusPages(server);
        this.mostConnections = mostConnections;
        this.selector = Selector.open();
        try {
            this.listener = ServerSocketChannel.open();
        } catch (IOException e) {
            selector.close();
            throw e;
        }
        try {
            listener.configureBlocking(false);
            InetAddress host = InetAddress.getByAddress("localhost", new byte[] {127, 0, 0, 1});
            listener.bind(new InetSocketAddress(host, port), BACKLOG);
            this.accepting = listener.register(selector, SelectionKey.OP_ACCEPT);
            this.port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
        } catch (IOException e) {
            listener.close();
            selector.close();
            throw new IOException("cannot listen on 127.0.0.1 metrics-port " + port + ": " + e.getMessage(), e);
        }
    }

    /**
     * @param port 0 lets the system choose one
     * @param mostConnections how many there are at once
     */
    public static StatusServer start(ServerContext server, int port, int mostConnections) throws IOException {
        StatusServer status = new StatusServer(server, port, mostConnections);
        status.thread.start();
        return status;
    }

    public int port() {
        return port;
    }

    private static long nowMillis() {
        return System.nanoTime() / 1_000_000;
    }

    private void run() {
        try {
            while (!closed) {
                selector.select(this::ready, pausedUntilMillis == 0 ? LOOK_MILLIS : PAUSE_MILLIS);
                look(nowMillis());
            }
        } catch (IOException | RuntimeException | Error e) {
            LOG.log(Level.ERROR, "the status port ends", e);
        } finally {
            connections.forEach(StatusConnection::close);
            close(listener);
            close(selector);
            ended.complete(null);
        }
    }

    private void ready(SelectionKey key) {
        if (!key.isValid()) {
            return; // closed to make room
        }
        if (key.equals(accepting)) {
            accept();
        } else {
            guarded((StatusConnection) key.attachment());
        }
    }

    private void accept() {
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
            accepting.interestOps(0);
            String text = "cannot accept connections to the status port for now: " + e.getMessage();
            server.incidents().note(Kind.FAILED_ACCEPT, System.currentTimeMillis(), text);
        }
    }

    private void open(SocketChannel channel) {
        try {
            channel.configureBlocking(false);
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
            StatusConnection connection = new StatusConnection(channel, key, pages, nowMillis());
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
            server.incidents()
                    .note(Kind.FAILED_PAGE, System.currentTimeMillis(), Level.WARNING, "the status page failed", e);
        }
        if (connection.isClosed()) {
            connections.remove(connection);
        }
    }

    /** Once a turn. */
    private void look(long nowMillis) {
        for (StatusConnection connection : List.copyOf(connections)) {
            if (connection.isOverdue(nowMillis)) {
                connection.close();
                connections.remove(connection);
            }
        }
        if (pausedUntilMillis != 0 && nowMillis >= pausedUntilMillis) {
            pausedUntilMillis = 0;
            accepting.interestOps(SelectionKey.OP_ACCEPT);
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
