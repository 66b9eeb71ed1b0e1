package dev.penstock.server;

import dev.penstock.server.config.Settings;
import dev.penstock.store.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** How a server is started. Immutable; start from {@link #defaults()} and change what must differ. */
public final class ServerOptions {

    /** Used where no other port is asked for; next to Redis's own, so that both can run. */
    public static final int DEFAULT_PORT = 6380;

    private static final int MOST_LOOPS = 256;

    /** Length from which on values that are not in memory go past the page cache. */
    public static final long DEFAULT_DIRECT_THRESHOLD = 64L << 20;

    private static final ServerOptions DEFAULTS = new ServerOptions();

    private List<String> bind = List.of("127.0.0.1", "-::1");
    private int port = DEFAULT_PORT;
    private Path unixSocket;
    private boolean remoteAllowed;
    private String password;
    private int maxClients = 1000;
    private Duration idleTimeout = Duration.ZERO;
    private long slowLogMicros = 10_000;
    private long slowLogLength = 128;
    private long longestBulk = Store.MAX_VALUE_LENGTH;
    private int eventLoops = Math.max(1, Runtime.getRuntime().availableProcessors() / 4);
    private Path usersFile;
    private Tls tls;
    private boolean tlsOnly;
    private Integer metricsPort;
    private Map<String, String> shownSettings = Map.of();
    private TransferMode transferMode = TransferMode.AUTO;
    private long directThreshold = DEFAULT_DIRECT_THRESHOLD;

    private ServerOptions() {}

    private ServerOptions(ServerOptions other) {
        bind = other.bind;
        port = other.port;
        unixSocket = other.unixSocket;
        remoteAllowed = other.remoteAllowed;
        password = other.password;
        maxClients = other.maxClients;
        idleTimeout = other.idleTimeout;
        slowLogMicros = other.slowLogMicros;
        slowLogLength = other.slowLogLength;
        longestBulk = other.longestBulk;
        eventLoops = other.eventLoops;
        usersFile = other.usersFile;
        tls = other.tls;
        tlsOnly = other.tlsOnly;
        metricsPort = other.metricsPort;
        shownSettings = other.shownSettings;
        transferMode = other.transferMode;
        directThreshold = other.directThreshold;
    }

    /** Port 6380 on the loopback addresses, without a password, for at most 1000 clients. */
    public static ServerOptions defaults() {
        return DEFAULTS;
    }

    private ServerOptions with(Consumer<ServerOptions> change) {
        ServerOptions copy = new ServerOptions(this);
        change.accept(copy);
        return copy;
    }

    private static void check(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    /** Host names or addresses to listen on; one with a minus sign before it may be missing on this host. */
    public List<String> bind() {
        return bind;
    }

    public ServerOptions withBind(List<String> hosts) {
        check(!hosts.isEmpty(), "bind must name at least one address");
        return with(copy -> copy.bind = List.copyOf(hosts));
    }

    /** TCP port; 0 lets the system choose one. */
    public int port() {
        return port;
    }

    public ServerOptions withPort(int number) {
        check(number >= 0 && number <= 65_535, "port must be from 0 to 65535, not " + number);
        return with(copy -> copy.port = number);
    }

    /** Where a Unix domain socket is to be, for processes of the same user; none unless given. */
    public Optional<Path> unixSocket() {
        return Optional.ofNullable(unixSocket);
    }

    public ServerOptions withUnixSocket(Path path) {
        Objects.requireNonNull(path);
        return with(copy -> copy.unixSocket = path);
    }

    /**
     * Whether addresses that other hosts can reach may be among those listened on though there is no password: whoever
     * can connect can then read and delete everything.
     */
    public boolean remoteAllowed() {
        return remoteAllowed;
    }

    public ServerOptions withRemoteAllowed(boolean allowed) {
        return with(copy -> copy.remoteAllowed = allowed);
    }

    /** What clients must authenticate with before anything else; they need not unless it is given. */
    public Optional<String> password() {
        return Optional.ofNullable(password);
    }

    /** @param secret text, of which clients send the UTF-8 bytes */
    public ServerOptions withPassword(String secret) {
        check(!secret.isEmpty(), "the password is empty");
        return with(copy -> copy.password = secret);
    }

    /** Where it says who may do what, in the form of Redis's ACL files; there is one user with all rights otherwise. */
    public Optional<Path> usersFile() {
        return Optional.ofNullable(usersFile);
    }

    public ServerOptions withUsersFile(Path file) {
        Objects.requireNonNull(file);
        return with(copy -> copy.usersFile = file);
    }

    /** How many threads serve clients; one for every four processors, and at least one, unless given. */
    public int eventLoops() {
        return eventLoops;
    }

    public ServerOptions withEventLoops(int count) {
        check(count >= 1 && count <= MOST_LOOPS, "event-loops must be from 1 to " + MOST_LOOPS + ", not " + count);
        return with(copy -> copy.eventLoops = count);
    }

    /** Most clients connected at once; fewer if the process may not open so many files. */
    public int maxClients() {
        return maxClients;
    }

    public ServerOptions withMaxClients(int count) {
        check(count >= 1, "maxclients must be at least 1, not " + count);
        return with(copy -> copy.maxClients = count);
    }

    /** How long a client may ask for nothing before its connection is closed; zero is for ever. */
    public Duration idleTimeout() {
        return idleTimeout;
    }

    /** @param time in whole seconds */
    public ServerOptions withIdleTimeout(Duration time) {
        check(
                !time.isNegative() && time.toSeconds() <= Integer.MAX_VALUE,
                "timeout must be from 0 to " + Integer.MAX_VALUE + " seconds, not " + time.toSeconds());
        return with(copy -> copy.idleTimeout = time);
    }

    /** Commands that take at least so many microseconds are kept for SLOWLOG; negative if none is. */
    public long slowLogMicros() {
        return slowLogMicros;
    }

    public ServerOptions withSlowLogMicros(long micros) {
        check(micros >= -1, "slowlog-log-slower-than must be -1 or more, not " + micros);
        return with(copy -> copy.slowLogMicros = micros);
    }

    /** How many commands are kept for SLOWLOG, the latest ones. */
    public long slowLogLength() {
        return slowLogLength;
    }

    public ServerOptions withSlowLogLength(long count) {
        check(
                count >= 0 && count <= Settings.LONGEST_SLOW_LOG,
                "slowlog-max-len must be from 0 to " + Settings.LONGEST_SLOW_LOG + ", not " + count);
        return with(copy -> copy.slowLogLength = count);
    }

    /**
     * A door for clients that use TLS.
     *
     * @param port 0 lets the system choose one
     * @param certificateFile the server's certificate and its chain, in PEM
     * @param keyFile its private key, in PEM, not encrypted
     */
    public record Tls(int port, Path certificateFile, Path keyFile) {

        public Tls {
            check(port >= 0 && port <= 65_535, "tls-port must be from 0 to 65535, not " + port);
            Objects.requireNonNull(certificateFile);
            Objects.requireNonNull(keyFile);
        }
    }

    /** Where clients can use TLS 1.3, on the same addresses; nowhere unless given. */
    public Optional<Tls> tls() {
        return Optional.ofNullable(tls);
    }

    public ServerOptions withTls(Tls door) {
        Objects.requireNonNull(door);
        return with(copy -> copy.tls = door);
    }

    /** Whether there is no port for clients that do not use TLS; a Unix domain socket is for them all the same. */
    public boolean tlsOnly() {
        return tlsOnly;
    }

    public ServerOptions withTlsOnly(boolean only) {
        return with(copy -> copy.tlsOnly = only);
    }

    /** Where the status page and the metrics are, on the loopback address; nowhere unless given. */
    public OptionalInt metricsPort() {
        return metricsPort == null ? OptionalInt.empty() : OptionalInt.of(metricsPort);
    }

    /** @param number 0 lets the system choose one */
    public ServerOptions withMetricsPort(int number) {
        check(number >= 0 && number <= 65_535, "metrics-port must be from 0 to 65535, not " + number);
        return with(copy -> copy.metricsPort = number);
    }

    /** Settings of the program around the server, which CONFIG GET shows beside the server's own. */
    public Map<String, String> shownSettings() {
        return shownSettings;
    }

    public ServerOptions withShownSettings(Map<String, String> settings) {
        Map<String, String> shown = Map.copyOf(settings);
        return with(copy -> copy.shownSettings = shown);
    }

    /** How large values move between files and sockets; can be changed while the server runs. */
    public TransferMode transferMode() {
        return transferMode;
    }

    public ServerOptions withTransferMode(TransferMode mode) {
        Objects.requireNonNull(mode);
        return with(copy -> copy.transferMode = mode);
    }

    /**
     * Length in bytes from which on {@link TransferMode#AUTO} sends values past the page cache, unless most of them is in it or
     * they are asked for again and again.
     */
    public long directThreshold() {
        return directThreshold;
    }

    public ServerOptions withDirectThreshold(long bytes) {
        check(bytes >= 1, "direct-threshold must be at least 1, not " + bytes);
        return with(copy -> copy.directThreshold = bytes);
    }

    /** The longest value that clients may send or make, in bytes: proto-max-bulk-len. */
    public long longestBulk() {
        return longestBulk;
    }

    public ServerOptions withLongestBulk(long bytes) {
        check(
                bytes >= Settings.LEAST_LONGEST_BULK && bytes <= Store.MAX_VALUE_LENGTH,
                "proto-max-bulk-len must be from " + Settings.LEAST_LONGEST_BULK + " to " + Store.MAX_VALUE_LENGTH
                        + ", not " + bytes);
        return with(copy -> copy.longestBulk = bytes);
    }
}
