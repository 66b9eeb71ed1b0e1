package dev.penstock.server;

import dev.penstock.server.command.Node;
import dev.penstock.server.net.EventLoop;
import dev.penstock.server.net.Listeners;
import dev.penstock.store.Store;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.TimeZone;

/**
 * A running server. It uses the store and does not own it: close the store after the server.
 *
 * <pre>{@code
 * try (Store store = Store.open(directory);
 *         PenstockServer server = PenstockServer.start(store, ServerOptions.defaults())) {
 *     server.awaitStop();
 * }
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class PenstockServer implements AutoCloseable {

    private static final Logger LOG = System.getLogger(PenstockServer.class.getName());
    private static final Duration DRAIN = Duration.ofSeconds(5);

    private final Listeners listeners;
    private final EventLoop loop;
    private final Thread thread;

    private PenstockServer(Listeners listeners, Store store, ServerOptions options) throws IOException {
        this.listeners = listeners;
        int maxClients = Math.min(options.maxClients(), FileDescriptors.spareForClients());
        Node node = new Node(store, listeners.addresses(), listeners.port(), maxClients, this::requestStop);
        this.loop = new EventLoop(listeners, node);
        this.thread = Thread.ofPlatform().name("penstock-loop").unstarted(loop);
    }

    /**
     * Binds and starts serving; when this returns, clients can connect.
     *
     * @throws IllegalArgumentException if an address can be reached from other hosts and that is not allowed
     * @throws IOException if an address or the port cannot be had
     */
    public static PenstockServer start(Store store, ServerOptions options) throws IOException {
        Listeners listeners = Listeners.bind(options.bind(), options.port(), options.remoteAllowed());
        PenstockServer server;
        try {
            server = new PenstockServer(listeners, store, options);
        } catch (IOException | RuntimeException e) {
            listeners.close();
            throw e;
        }
        server.thread.start();
        // A logger's first line reads the time zones from a file, which cannot be opened when clients have taken all
        // file descriptors, and never is again after it failed once.
        TimeZone.getDefault();
        LOG.log(Level.DEBUG, "listening on {0} port {1}", listeners.addresses(), Integer.toString(listeners.port()));
        return server;
    }

    /** The port that clients connect to; never 0. */
    public int port() {
        return listeners.port();
    }

    /** The addresses that are really listened on. */
    public List<String> addresses() {
        return listeners.addresses();
    }

    /** Waits until the server has stopped, because of {@link #stop}, {@link #close} or a client's SHUTDOWN. */
    public void awaitStop() throws InterruptedException {
        thread.join();
    }

    /**
     * Stops: nothing new is accepted, replies under way are sent, and what is not taken within the given time is cut
     * off. Returns when the server has stopped, or when the calling thread is interrupted, with its interrupt status
     * set.
     */
    public void stop(Duration drain) {
        loop.stop(drain);
        if (Thread.currentThread().equals(thread)) {
            return;
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void requestStop() {
        loop.stop(DRAIN);
    }

    /** Stops, giving replies under way a few seconds. */
    @Override
    public void close() {
        stop(DRAIN);
    }
}
