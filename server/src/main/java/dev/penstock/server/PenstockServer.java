package dev.penstock.server;

import dev.penstock.server.acl.PasswordFile;
import dev.penstock.server.acl.Users;
import dev.penstock.server.config.Setting;
import dev.penstock.server.config.SettingTable;
import dev.penstock.server.config.Settings;
import dev.penstock.server.http.HttpOptions;
import dev.penstock.server.net.DescriptorReserve;
import dev.penstock.server.net.EventLoop;
import dev.penstock.server.net.Listeners;
import dev.penstock.server.net.TlsIdentity;
import dev.penstock.server.report.Health;
import dev.penstock.server.session.ServerContext;
import dev.penstock.server.shard.Proposals;
import dev.penstock.server.shard.Router;
import dev.penstock.server.status.StatusServer;
import dev.penstock.store.Store;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;
import org.jspecify.annotations.Nullable;

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
    private final List<EventLoop> loops;
    private final List<Thread> threads = new ArrayList<>();
    private final ExecutorService handshakes = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("penstock-tls").factory());
    private final ServerContext server;
    private final @Nullable StatusServer status; // null if there is none

    /** @param remoteAllowed whether other hosts may reach the metrics port */
    private PenstockServer(
            Listeners listeners,
            Users users,
            boolean remoteAllowed,
            Store store,
            Router router,
            @Nullable Proposals proposals,
            ServerOptions options,
            NanoClock clock)
            throws IOException {
        this.listeners = listeners;
        Settings settings = new Settings(port(), shown(options, listeners));
        settings.set(options::value);
        settings.maxClients(Math.min(settings.maxClients(), DescriptorReserve.mostClients()));
        this.server = new ServerContext(store, settings, users, router, proposals, this::requestStop);
        options.compactionRate().ifPresent(store::setCompactionRate);
        this.status = options.metricsPort().isPresent() ? status(server, options, remoteAllowed) : null;
        try {
            TlsIdentity identity = options.certificate().isPresent()
                    ? new TlsIdentity(
                            options.certificate().get().certificateFile(),
                            options.certificate().get().keyFile())
                    : null;
            HttpOptions http =
                    options.httpPort().isPresent() || options.httpsPort().isPresent()
                            ? new HttpOptions(options.httpOrigin(), listeners.addresses())
                            : null;
            loops = EventLoop.open(options.eventLoops(), listeners, server, identity, http, handshakes, clock);
        } catch (IOException | RuntimeException | Error e) {
            closeRest();
            throw e;
        }
        for (EventLoop loop : loops) {
            String name = threads.isEmpty() ? "penstock-loop" : "penstock-loop-" + (threads.size() + 1);
            threads.add(Thread.ofPlatform().name(name).unstarted(loop));
        }
    }

    private static StatusServer status(ServerContext server, ServerOptions options, boolean remoteAllowed)
            throws IOException {
        List<String> hosts = options.metricsBind();
        List<ServerSocketChannel> bound;
        try {
            bound = Listeners.bind(hosts, options.metricsPort().orElseThrow(), remoteAllowed);
        } catch (IOException e) {
            throw new IOException("metrics-port: " + e.getMessage(), e);
        }
        List<String> names = hosts.stream().map(Listeners::nameOf).toList();
        return StatusServer.start(server, bound, names, DescriptorReserve.STATUS_CONNECTIONS);
    }

    /** The settings that CONFIG GET returns and CONFIG SET cannot change. */
    private static Map<String, String> shown(ServerOptions options, Listeners listeners) {
        Map<String, String> shown = new HashMap<>(options.shownSettings());
        for (Setting setting : SettingTable.all()) {
            if (!setting.isLive() && setting.isOfServer()) {
                shown.put(setting.name(), options.value(setting));
            }
        }
        shown.put(SettingTable.BIND.name(), String.join(" ", listeners.addresses()));
        shown.put(SettingTable.PORT.name(), Integer.toString(listeners.port()));
        shown.put(SettingTable.TLS_PORT.name(), Integer.toString(listeners.tlsPort()));
        shown.put(SettingTable.HTTP_PORT.name(), Integer.toString(listeners.httpPort()));
        shown.put(SettingTable.HTTPS_PORT.name(), Integer.toString(listeners.httpsPort()));
        shown.put("unixsocketperm", options.unixSocket().isPresent() ? "600" : "0");
        return shown;
    }

    /**
     * Binds the addresses and starts to serve. When this method returns, clients can connect.
     *
     * @param store the store to serve; the server does not close it
     * @param options how to serve it
     * @return the running server, to be closed before the store
     * @throws IllegalArgumentException if other hosts can reach an address, there is no password, and the options do
     *     not allow that; if the users file or the password file is invalid; or if settings contradict each other
     * @throws IOException if an address or a port cannot be bound, or a file cannot be read
     */
    public static PenstockServer start(Store store, ServerOptions options) throws IOException {
        return start(store, options, SystemNanoClock.INSTANCE);
    }

    /** @param clock the clock of all time-outs */
    static PenstockServer start(Store store, ServerOptions options, NanoClock clock) throws IOException {
        return start(store, Router.STANDALONE, null, options, clock);
    }

    /**
     * Starts a node of a cluster, for the module {@code penstock-cluster}; not for other programs, and it may change in
     * any release. One event loop serves the clients, since it alone decides about the order of what they write. There
     * is no HTTP: a browser cannot be sent to another node.
     *
     * @param store this node's replica, which nothing but the entries of the group's log changes
     * @param router says which keys are served here
     * @param proposals the group's log
     * @param options how to serve it
     * @return the running server, to be closed before the store
     * @throws IllegalArgumentException as {@link #start(Store, ServerOptions)} does, and if the options have a port for
     *     HTTP
     * @throws IOException as {@link #start(Store, ServerOptions)} does
     */
    public static PenstockServer start(Store store, Router router, Proposals proposals, ServerOptions options)
            throws IOException {
        return start(store, router, proposals, options.withEventLoops(1), SystemNanoClock.INSTANCE);
    }

    /**
     * Starts a server.
     *
     * @param router says which keys are served here
     * @param proposals takes what clients write; null if it is executed here and nowhere else
     * @param clock the clock of all time-outs
     */
    static PenstockServer start(
            Store store, Router router, @Nullable Proposals proposals, ServerOptions options, NanoClock clock)
            throws IOException {
        boolean hasHttp = options.httpPort().isPresent() || options.httpsPort().isPresent();
        if (hasHttp && router.map() != null) {
            throw new IllegalArgumentException("a node of a cluster takes neither http-port nor https-port");
        }
        String password = password(options);
        Users users = options.usersFile().isPresent()
                ? Users.read(options.usersFile().get(), password)
                : Users.ofDefault(password);
        boolean remoteAllowed = options.remoteAllowed() || !users.isOpen();
        if (options.tlsOnly() && options.tls().isEmpty()) {
            throw new IllegalArgumentException("tls-only takes a tls-port");
        }
        if (options.tlsOnly() && options.httpPort().isPresent()) {
            throw new IllegalArgumentException("tls-only contradicts http-port; use https-port");
        }
        Listeners listeners = new Listeners(options.bind(), remoteAllowed);
        PenstockServer server;
        try {
            if (!options.tlsOnly()) {
                listeners.bindRedis(options.port());
            }
            if (options.tls().isPresent()) {
                listeners.bindRedisTls(options.tls().get().port());
            }
            if (options.httpPort().isPresent()) {
                listeners.bindHttp(options.httpPort().getAsInt());
            }
            if (options.httpsPort().isPresent()) {
                listeners.bindHttps(options.httpsPort().getAsInt());
            }
            if (options.unixSocket().isPresent()) {
                listeners.bindUnix(options.unixSocket().get());
            }
            server = new PenstockServer(listeners, users, remoteAllowed, store, router, proposals, options, clock);
        } catch (IOException | RuntimeException | Error e) {
            listeners.close();
            throw e;
        }
        server.threads.forEach(Thread::start);
        // The first line of a logger reads the rules of the time zone from a file. Read them now: when clients have
        // taken all file descriptors the file cannot be opened, and the JDK does not try again.
        Objects.requireNonNull(ZoneId.systemDefault().getRules());
        LOG.log(Level.DEBUG, "listening on {0} port {1}", listeners.addresses(), Integer.toString(listeners.port()));
        return server;
    }

    /** The password of clients; null if they need none. */
    private static @Nullable String password(ServerOptions options) throws IOException {
        if (options.passwordFile().isEmpty()) {
            return options.password().orElse(null);
        }
        if (options.password().isPresent()) {
            throw new IllegalArgumentException("there is a password in addition to that of password-file");
        }
        return PasswordFile.read(options.passwordFile().get());
    }

    /**
     * Returns the port that clients connect to. If the server has no port without TLS, that is the port for TLS.
     *
     * @return the TCP port; never 0
     */
    public int port() {
        return listeners.port() == 0 ? listeners.tlsPort() : listeners.port();
    }

    /** {@return the port for clients that use TLS; empty if there is none} */
    public OptionalInt tlsPort() {
        return listeners.tlsPort() == 0 ? OptionalInt.empty() : OptionalInt.of(listeners.tlsPort());
    }

    /** {@return the port for HTTP; empty if there is none} */
    public OptionalInt httpPort() {
        return listeners.httpPort() == 0 ? OptionalInt.empty() : OptionalInt.of(listeners.httpPort());
    }

    /** {@return the port for HTTP over TLS; empty if there is none} */
    public OptionalInt httpsPort() {
        return listeners.httpsPort() == 0 ? OptionalInt.empty() : OptionalInt.of(listeners.httpsPort());
    }

    /** {@return the port of the status page, the metrics and the probes; empty if there is none} */
    public OptionalInt metricsPort() {
        return status == null ? OptionalInt.empty() : OptionalInt.of(status.port());
    }

    /**
     * Returns whether all threads that serve clients make progress. If they do not, only a restart helps. A full disk
     * does not count.
     *
     * @return what {@code /livez} reports
     */
    public boolean isLive() {
        return Health.of(server).isLive();
    }

    /**
     * Returns whether the server should get clients: it is live, is not stopping, and its store has not failed. A full
     * disk does not count, since reads and removals continue.
     *
     * @return what {@code /readyz} reports
     */
    public boolean isReady() {
        return Health.of(server).isReady();
    }

    /** {@return the addresses that the server listens on, with host names resolved} */
    public List<String> addresses() {
        return listeners.addresses();
    }

    /**
     * Waits until the server has stopped, because of {@link #stop}, {@link #close} or a client's SHUTDOWN.
     *
     * @throws InterruptedException if the calling thread is interrupted
     */
    public void awaitStop() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
        closeRest();
    }

    /**
     * Stops the server. It accepts no more connections, and sends the replies under way. Returns when the server has
     * stopped, or when the calling thread is interrupted, with its interrupt status set.
     *
     * @param drain how long clients may take to receive their replies; then their connections are closed
     */
    public void stop(Duration drain) {
        server.drain();
        loops.forEach(loop -> loop.stop(drain));
        if (threads.contains(Thread.currentThread())) {
            return;
        }
        try {
            awaitStop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeRest() {
        handshakes.shutdown();
        if (status != null) {
            status.close();
        }
    }

    /** Wakes the event loops, so that they read the clock. */
    void wake() {
        loops.forEach(EventLoop::wake);
    }

    private void requestStop() {
        server.drain();
        loops.forEach(loop -> loop.stop(DRAIN));
    }

    /** Stops the server, as {@link #stop} does with five seconds. */
    @Override
    public void close() {
        stop(DRAIN);
    }
}
