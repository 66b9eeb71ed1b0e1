package dev.penstock.server.net;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The sockets that the server listens on: those of one kind on one port, and all of them or none. */
public final class Listeners {

    private static final Logger LOG = System.getLogger(Listeners.class.getName());
    private static final int BACKLOG = 511;
    private static final String OPTIONAL = "-";
    private static final int FILE_TYPE = 0170000;
    private static final int SOCKET = 0140000;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private final Map<ListenerKind, List<ServerSocketChannel>> channels = new EnumMap<>(ListenerKind.class);
    private final Map<ListenerKind, Integer> ports = new EnumMap<>(ListenerKind.class);
    private final Set<String> addresses = new LinkedHashSet<>();
    private @Nullable Path unixSocket;

    private final List<String> hosts;
    private final boolean remoteAllowed;

    /**
     * Sockets that are all still to be bound.
     *
     * @param hosts names or addresses; one with a minus sign before it may be missing on this host
     * @param remoteAllowed whether addresses that other hosts can reach are accepted
     */
    public Listeners(List<String> hosts, boolean remoteAllowed) {
        this.hosts = hosts;
        this.remoteAllowed = remoteAllowed;
        for (ListenerKind kind : ListenerKind.values()) {
            channels.put(kind, new ArrayList<>());
        }
    }

    /**
     * Listens for clients that speak the Redis protocol.
     *
     * @param port 0 lets the system choose one, the same for all addresses
     */
    public void bindRedis(int port) throws IOException {
        bindAll(ListenerKind.REDIS, port);
    }

    /** The same for clients that use TLS. */
    public void bindRedisTls(int port) throws IOException {
        bindAll(ListenerKind.REDIS_TLS, port);
    }

    /** The same for clients that speak HTTP. */
    public void bindHttp(int port) throws IOException {
        bindAll(ListenerKind.HTTP, port);
    }

    /** The same for clients that speak HTTP over TLS. */
    public void bindHttps(int port) throws IOException {
        bindAll(ListenerKind.HTTPS, port);
    }

    private void bindAll(ListenerKind kind, int wantedPort) throws IOException {
        List<ServerSocketChannel> bound = bind(hosts, wantedPort, remoteAllowed, addresses::add);
        channels(kind).addAll(bound);
        ports.put(kind, localPort(bound.getFirst()));
    }

    /**
     * Sockets for something else than clients, on other addresses, under the same rules. The caller closes them.
     *
     * @param port 0 lets the system choose one, the same for all addresses
     */
    public static List<ServerSocketChannel> bind(List<String> hosts, int port, boolean remoteAllowed)
            throws IOException {
        return bind(hosts, port, remoteAllowed, address -> {});
    }

    /** @param listening is told each address that is listened on */
    private static List<ServerSocketChannel> bind(
            List<String> hosts, int port, boolean remoteAllowed, Consumer<String> listening) throws IOException {
        List<ServerSocketChannel> bound = new ArrayList<>();
        try {
            int common = port;
            for (String host : hosts) {
                ServerSocketChannel channel = bind(host, common, remoteAllowed);
                if (channel != null) {
                    bound.add(channel);
                    common = localPort(channel);
                    listening.accept(nameOf(host));
                }
            }
            if (bound.isEmpty()) {
                throw new IOException("no address to listen on among " + hosts);
            }
            return bound;
        } catch (IOException | RuntimeException | Error e) {
            close(bound);
            throw e;
        }
    }

    /** Without the sign that an address may be missing. */
    public static String nameOf(String host) {
        return host.startsWith(OPTIONAL) ? host.substring(1) : host;
    }

    /** Null if the address is missing on this host and may be. */
    private static @Nullable ServerSocketChannel bind(String name, int port, boolean remoteAllowed) throws IOException {
        boolean optional = name.startsWith(OPTIONAL);
        String host = nameOf(name);
        InetAddress address = InetAddress.getByName(host);
        if (!remoteAllowed && !address.isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    "refusing to listen on " + host + ", which other hosts can reach: set a password"
                            + " (--password-file, --users-file) or --allow-remote");
        }
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(new InetSocketAddress(address, port), BACKLOG);
        } catch (IOException | RuntimeException e) {
            channel.close();
            if (optional) {
                LOG.log(Level.INFO, "not listening on {0}: {1}", host, e.getMessage());
                return null;
            }
            throw new IOException("cannot listen on " + host + " port " + port + ": " + e.getMessage(), e);
        }
        return channel;
    }

    private static int localPort(ServerSocketChannel channel) throws IOException {
        return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    /** For the Redis protocol; 0 if all TCP clients of it must use TLS. */
    public int port() {
        return port(ListenerKind.REDIS);
    }

    /** For the Redis protocol with TLS; 0 if there is none. */
    public int tlsPort() {
        return port(ListenerKind.REDIS_TLS);
    }

    /** For HTTP; 0 if there is none. */
    public int httpPort() {
        return port(ListenerKind.HTTP);
    }

    /** For HTTP with TLS; 0 if there is none. */
    public int httpsPort() {
        return port(ListenerKind.HTTPS);
    }

    private int port(ListenerKind kind) {
        return ports.getOrDefault(kind, 0);
    }

    /** The addresses that are listened on. */
    public List<String> addresses() {
        return List.copyOf(addresses);
    }

    /**
     * Also listens on a Unix domain socket that only processes of the same user can connect to. A socket that a server
     * left behind when it was killed is replaced; anything else in its place is not touched.
     */
    public void bindUnix(Path path) throws IOException {
        try {
            checkName(path);
            removeAbandoned(path);
            ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            channels(ListenerKind.REDIS).add(channel);
            channel.configureBlocking(false);
            channel.bind(UnixDomainSocketAddress.of(path), BACKLOG);
            unixSocket = path;
            Files.setPosixFilePermissions(path, OWNER_ONLY);
            turnAwayWhoCameBefore(channel);
        } catch (IOException | UnsupportedOperationException e) {
            throw new IOException("cannot listen on " + path + ": " + e.getMessage(), e);
        }
    }

    /** The JDK makes a path of the text of a socket's name, and fails after the socket is there if it cannot. */
    private static void checkName(Path path) throws IOException {
        try {
            Objects.requireNonNull(Path.of(path.toString()));
        } catch (InvalidPathException e) {
            throw new IOException("its name is not text in this locale; give it another name", e);
        }
    }

    private static void removeAbandoned(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        int type = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & FILE_TYPE;
        if (type != SOCKET) {
            throw new IOException("it exists and is not a socket");
        }
        try {
            SocketChannel.open(UnixDomainSocketAddress.of(path)).close();
            throw new IOException("another process listens on it");
        } catch (ConnectException abandoned) {
            Files.delete(path);
        }
    }

    /** For a moment the socket had the permissions that the process's umask left it. */
    private static void turnAwayWhoCameBefore(ServerSocketChannel channel) throws IOException {
        for (SocketChannel early = channel.accept(); early != null; early = channel.accept()) {
            early.close();
        }
    }

    List<ServerSocketChannel> channels(ListenerKind kind) {
        return Objects.requireNonNull(channels.get(kind)); // there is a list for each kind
    }

    public void close() {
        channels.values().forEach(Listeners::close);
        if (unixSocket != null) {
            try {
                Files.deleteIfExists(unixSocket);
            } catch (IOException e) {
                LOG.log(Level.WARNING, "removing the socket failed", e);
            }
            unixSocket = null;
        }
    }

    private static void close(List<ServerSocketChannel> listening) {
        for (ServerSocketChannel channel : listening) {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.log(Level.WARNING, "closing a listening socket failed", e);
            }
        }
    }
}
