package dev.penstock.server;

import static dev.penstock.server.config.SettingTable.ALLOW_REMOTE;
import static dev.penstock.server.config.SettingTable.BIND;
import static dev.penstock.server.config.SettingTable.COMPACTION_RATE;
import static dev.penstock.server.config.SettingTable.DIRECT_THRESHOLD;
import static dev.penstock.server.config.SettingTable.EVENT_LOOPS;
import static dev.penstock.server.config.SettingTable.LONGEST_BULK;
import static dev.penstock.server.config.SettingTable.MAX_CLIENTS;
import static dev.penstock.server.config.SettingTable.METRICS_PORT;
import static dev.penstock.server.config.SettingTable.PASSWORD_FILE;
import static dev.penstock.server.config.SettingTable.PORT;
import static dev.penstock.server.config.SettingTable.SLOW_LOG_LENGTH;
import static dev.penstock.server.config.SettingTable.SLOW_LOG_MICROS;
import static dev.penstock.server.config.SettingTable.TIMEOUT;
import static dev.penstock.server.config.SettingTable.TLS_CERTIFICATE_FILE;
import static dev.penstock.server.config.SettingTable.TLS_KEY_FILE;
import static dev.penstock.server.config.SettingTable.TLS_ONLY;
import static dev.penstock.server.config.SettingTable.TLS_PORT;
import static dev.penstock.server.config.SettingTable.TRANSFER_MODE;
import static dev.penstock.server.config.SettingTable.UNIX_SOCKET;
import static dev.penstock.server.config.SettingTable.USERS_FILE;

import dev.penstock.server.config.Setting;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How a server is started. Immutable; start from {@link #defaults()} and change what must differ. */
public final class ServerOptions {

    private static final ServerOptions DEFAULTS = new ServerOptions(Map.of(), Map.of(), null, Map.of());

    private final Map<Setting, String> given;
    private final Map<Setting, Path> paths; // a path's text may lead to another file
    private final @Nullable String password; // null unless given
    private final Map<String, String> shownSettings;

    private ServerOptions(
            Map<Setting, String> given,
            Map<Setting, Path> paths,
            @Nullable String password,
            Map<String, String> shownSettings) {
        this.given = given;
        this.paths = paths;
        this.password = password;
        this.shownSettings = shownSettings;
    }

    /** Port 6380 on the loopback addresses, without a password, for at most 1000 clients. */
    public static ServerOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Gives a setting the value that a text stands for, as in a configuration file. A path's text is converted as
     * {@link Path#of} does.
     *
     * @throws IllegalArgumentException with the setting's name if the text will not do, or if the setting is none of
     *     the server's: {@code verify-on-read} is one of the store's options, {@code log-format} the program's own
     */
    public ServerOptions with(Setting setting, String text) {
        check(setting.isOfServer(), setting + " is not for the server: the program that starts it puts it into force");
        String value = setting.parse(text);
        if (setting.kind() == Setting.Kind.PATH && !text.isEmpty()) {
            return with(setting, path(setting, text));
        }
        Map<Setting, Path> others = new HashMap<>(paths);
        others.remove(setting);
        return new ServerOptions(with(given, setting, value), Map.copyOf(others), password, shownSettings);
    }

    private static Path path(Setting setting, String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(setting + " must be " + setting.range() + ": " + e.getMessage(), e);
        }
    }

    private static <V> Map<Setting, V> with(Map<Setting, V> before, Setting setting, V value) {
        Map<Setting, V> more = new HashMap<>(before);
        more.put(setting, value);
        return Map.copyOf(more);
    }

    /**
     * Gives a setting the name of a file. It is opened as it is, whatever its text looks like.
     *
     * @throws IllegalArgumentException if the setting is no file's name, or the path is empty
     */
    public ServerOptions with(Setting setting, Path path) {
        check(setting.kind() == Setting.Kind.PATH, setting + " must be " + setting.range() + ", not a path");
        check(!path.toString().isEmpty(), setting + " is empty");
        return new ServerOptions(
                with(given, setting, path.toString()), with(paths, setting, path), password, shownSettings);
    }

    private ServerOptions with(Setting setting, long number) {
        return with(setting, Long.toString(number));
    }

    private ServerOptions with(Setting setting, boolean flag) {
        return with(setting, flag ? "yes" : "no");
    }

    /** A setting's value, in the form in which {@code CONFIG GET} gives it; empty if it has none. */
    public String value(Setting setting) {
        return given.getOrDefault(setting, setting.value());
    }

    private long number(Setting setting) {
        return Long.parseLong(value(setting));
    }

    private boolean isOn(Setting setting) {
        return value(setting).equals("yes");
    }

    private Optional<Path> path(Setting setting) {
        return Optional.ofNullable(paths.get(setting));
    }

    private static void check(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    /** Host names or addresses to listen on; one with a minus sign before it may be missing on this host. */
    public List<String> bind() {
        return List.of(value(BIND).split(","));
    }

    public ServerOptions withBind(List<String> hosts) {
        check(!hosts.isEmpty(), "bind must name at least one address");
        return with(BIND, String.join(",", hosts));
    }

    /** TCP port; 0 lets the system choose one. */
    public int port() {
        return (int) number(PORT);
    }

    public ServerOptions withPort(int number) {
        return with(PORT, number);
    }

    /** Where a Unix domain socket is to be, for processes of the same user; none unless given. */
    public Optional<Path> unixSocket() {
        return path(UNIX_SOCKET);
    }

    public ServerOptions withUnixSocket(Path path) {
        return with(UNIX_SOCKET, path);
    }

    /**
     * Whether the server may listen on addresses that other hosts can reach although it has no password. Every host
     * that can connect can then read and delete everything.
     */
    public boolean remoteAllowed() {
        return isOn(ALLOW_REMOTE);
    }

    public ServerOptions withRemoteAllowed(boolean allowed) {
        return with(ALLOW_REMOTE, allowed);
    }

    /** What clients must authenticate with before anything else; they need not unless it is given. */
    public Optional<String> password() {
        return Optional.ofNullable(password);
    }

    /**
     * Gives the password itself. It takes no password file beside it.
     *
     * @param secret text, of which clients send the UTF-8 bytes
     */
    public ServerOptions withPassword(String secret) {
        check(!secret.isEmpty(), "the password is empty");
        return new ServerOptions(given, paths, secret, shownSettings);
    }

    /** The file whose first line is the password, read when the server starts; none unless given. */
    public Optional<Path> passwordFile() {
        return path(PASSWORD_FILE);
    }

    /** @param file UTF-8 text of at most 1 MiB */
    public ServerOptions withPasswordFile(Path file) {
        return with(PASSWORD_FILE, file);
    }

    /** Where it says who may do what, in the form of Redis's ACL files; there is one user with all rights otherwise. */
    public Optional<Path> usersFile() {
        return path(USERS_FILE);
    }

    public ServerOptions withUsersFile(Path file) {
        return with(USERS_FILE, file);
    }

    /** How many threads serve clients; one for every four processors, and at least one, unless given. */
    public int eventLoops() {
        return (int) number(EVENT_LOOPS);
    }

    public ServerOptions withEventLoops(int count) {
        return with(EVENT_LOOPS, count);
    }

    /** Most clients connected at once; fewer if the process may not open so many files. */
    public int maxClients() {
        return (int) Math.min(number(MAX_CLIENTS), Integer.MAX_VALUE);
    }

    public ServerOptions withMaxClients(int count) {
        return with(MAX_CLIENTS, count);
    }

    /** How long a client may ask for nothing before its connection is closed; zero is for ever. */
    public Duration idleTimeout() {
        return Duration.ofSeconds(number(TIMEOUT));
    }

    /** @param time in whole seconds */
    public ServerOptions withIdleTimeout(Duration time) {
        return with(TIMEOUT, time.toSeconds());
    }

    /** Commands that take at least so many microseconds are kept for SLOWLOG; negative if none is. */
    public long slowLogMicros() {
        return number(SLOW_LOG_MICROS);
    }

    public ServerOptions withSlowLogMicros(long micros) {
        return with(SLOW_LOG_MICROS, micros);
    }

    /** How many commands are kept for SLOWLOG, the latest ones. */
    public long slowLogLength() {
        return number(SLOW_LOG_LENGTH);
    }

    public ServerOptions withSlowLogLength(long count) {
        return with(SLOW_LOG_LENGTH, count);
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
            TLS_PORT.checked(port);
            Objects.requireNonNull(certificateFile);
            Objects.requireNonNull(keyFile);
        }
    }

    /** Where clients can use TLS 1.3, on the same addresses; nowhere unless given. */
    public Optional<Tls> tls() {
        long count = Stream.of(TLS_PORT, TLS_CERTIFICATE_FILE, TLS_KEY_FILE)
                .filter(setting -> !value(setting).isEmpty())
                .count();
        if (count == 0) {
            return Optional.empty();
        }
        check(count == 3, "TLS takes tls-port, tls-cert-file and tls-key-file together");
        return Optional.of(new Tls(
                (int) number(TLS_PORT),
                path(TLS_CERTIFICATE_FILE).orElseThrow(),
                path(TLS_KEY_FILE).orElseThrow()));
    }

    public ServerOptions withTls(Tls door) {
        return with(TLS_PORT, door.port())
                .with(TLS_CERTIFICATE_FILE, door.certificateFile())
                .with(TLS_KEY_FILE, door.keyFile());
    }

    /** Whether there is no port for clients that do not use TLS; a Unix domain socket is for them all the same. */
    public boolean tlsOnly() {
        return isOn(TLS_ONLY);
    }

    public ServerOptions withTlsOnly(boolean only) {
        return with(TLS_ONLY, only);
    }

    /** Where the status page and the metrics are, on the loopback address; nowhere unless given. */
    public OptionalInt metricsPort() {
        return value(METRICS_PORT).isEmpty() ? OptionalInt.empty() : OptionalInt.of((int) number(METRICS_PORT));
    }

    /** @param number 0 lets the system choose one */
    public ServerOptions withMetricsPort(int number) {
        return with(METRICS_PORT, number);
    }

    /** Settings of the program around the server, which CONFIG GET shows beside the server's own. */
    public Map<String, String> shownSettings() {
        return shownSettings;
    }

    public ServerOptions withShownSettings(Map<String, String> settings) {
        return new ServerOptions(given, paths, password, Map.copyOf(settings));
    }

    /**
     * Bytes of the log that compaction works through per second, which the server has its store do; nothing if the
     * store goes on as it was opened.
     */
    public OptionalLong compactionRate() {
        return given.containsKey(COMPACTION_RATE) ? OptionalLong.of(number(COMPACTION_RATE)) : OptionalLong.empty();
    }

    /** @param bytesPerSecond 0 compacts only on request */
    public ServerOptions withCompactionRate(long bytesPerSecond) {
        return with(COMPACTION_RATE, bytesPerSecond);
    }

    /** How large values move between files and sockets; can be changed while the server runs. */
    public TransferMode transferMode() {
        return TransferMode.named(value(TRANSFER_MODE));
    }

    public ServerOptions withTransferMode(TransferMode mode) {
        return with(TRANSFER_MODE, mode.label());
    }

    /**
     * Length in bytes from which on {@link TransferMode#AUTO} sends values past the page cache, unless most of them is
     * in it or they are requested again and again.
     */
    public long directThreshold() {
        return number(DIRECT_THRESHOLD);
    }

    public ServerOptions withDirectThreshold(long bytes) {
        return with(DIRECT_THRESHOLD, bytes);
    }

    /** The longest value that clients may send or make, in bytes: proto-max-bulk-len. */
    public long longestBulk() {
        return number(LONGEST_BULK);
    }

    public ServerOptions withLongestBulk(long bytes) {
        return with(LONGEST_BULK, bytes);
    }
}
