package dev.penstock.server;

import static dev.penstock.server.config.SettingTable.ALLOW_REMOTE;
import static dev.penstock.server.config.SettingTable.BIND;
import static dev.penstock.server.config.SettingTable.COMPACTION_RATE;
import static dev.penstock.server.config.SettingTable.DIRECT_THRESHOLD;
import static dev.penstock.server.config.SettingTable.EVENT_LOOPS;
import static dev.penstock.server.config.SettingTable.HTTPS_PORT;
import static dev.penstock.server.config.SettingTable.HTTP_ORIGIN;
import static dev.penstock.server.config.SettingTable.HTTP_PORT;
import static dev.penstock.server.config.SettingTable.LONGEST_BULK;
import static dev.penstock.server.config.SettingTable.MAX_CLIENTS;
import static dev.penstock.server.config.SettingTable.METRICS_BIND;
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
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Options of a server. Start from {@link #defaults()} and change what differs; each {@code with} method returns new
 * options, and throws {@link IllegalArgumentException} if a value is out of range. Immutable and thread-safe.
 */
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

    /**
     * Returns the default options: port 6380 on the loopback addresses, without a password, for at most 1000 clients.
     *
     * @return the default options
     */
    public static ServerOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Sets a setting to the value that a text stands for, as in a configuration file. A path is converted as {@link
     * Path#of} does.
     *
     * @param setting a setting of the server. {@code verify-on-read} is an option of the store, and {@code log-format}
     *     one of the program
     * @param text the value
     * @return the changed options
     * @throws IllegalArgumentException if the text is not a valid value; the message names the setting
     */
    public ServerOptions with(Setting setting, String text) {
        check(setting.isOfServer(), setting + " is not an option of the server: the program that starts it applies it");
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
     * Sets a setting to the name of a file. The file is opened under exactly this name.
     *
     * @param setting a setting of the kind {@link Setting.Kind#PATH}
     * @param path the file
     * @return the changed options
     * @throws IllegalArgumentException if the setting takes no path, or the path is empty
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

    /**
     * Returns the value of a setting in the form of {@code CONFIG GET}.
     *
     * @param setting a setting of the server
     * @return the value; empty if there is none
     */
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

    /**
     * Returns the host names or addresses to listen on. One that begins with a minus sign is skipped if this host does
     * not have it.
     *
     * @return the addresses; 127.0.0.1 and ::1 by default
     */
    public List<String> bind() {
        return List.of(value(BIND).split(","));
    }

    /**
     * Sets the host names or addresses to listen on.
     *
     * @param hosts at least one; a leading minus sign allows the address to be missing on this host
     * @return the changed options
     */
    public ServerOptions withBind(List<String> hosts) {
        check(!hosts.isEmpty(), "bind must name at least one address");
        return with(BIND, String.join(",", hosts));
    }

    /** {@return the TCP port; 6380 by default} */
    public int port() {
        return (int) number(PORT);
    }

    /**
     * Sets the TCP port.
     *
     * @param number the port; 0 lets the system choose one
     * @return the changed options
     */
    public ServerOptions withPort(int number) {
        return with(PORT, number);
    }

    /** {@return the path of the Unix domain socket; empty by default} */
    public Optional<Path> unixSocket() {
        return path(UNIX_SOCKET);
    }

    /**
     * Also listens on a Unix domain socket, which only processes of the same user can connect to.
     *
     * @param path the path of the socket
     * @return the changed options
     */
    public ServerOptions withUnixSocket(Path path) {
        return with(UNIX_SOCKET, path);
    }

    /**
     * {@return whether the server may listen on addresses that other hosts can reach although it has no password; false
     * by default}
     */
    public boolean remoteAllowed() {
        return isOn(ALLOW_REMOTE);
    }

    /**
     * Sets whether the server may listen on addresses that other hosts can reach although it has no password. Every
     * host that can connect can then read and delete all data.
     *
     * @param allowed true to allow it
     * @return the changed options
     */
    public ServerOptions withRemoteAllowed(boolean allowed) {
        return with(ALLOW_REMOTE, allowed);
    }

    /** {@return the password that clients must authenticate with; empty by default} */
    public Optional<String> password() {
        return Optional.ofNullable(password);
    }

    /**
     * Sets the password that clients must authenticate with. It cannot be combined with a password file.
     *
     * @param secret the password; clients send its UTF-8 bytes
     * @return the changed options
     */
    public ServerOptions withPassword(String secret) {
        check(!secret.isEmpty(), "the password is empty");
        return new ServerOptions(given, paths, secret, shownSettings);
    }

    /** {@return the file whose first line is the password; empty by default} */
    public Optional<Path> passwordFile() {
        return path(PASSWORD_FILE);
    }

    /**
     * Sets the file whose first line is the password. It is read when the server starts.
     *
     * @param file UTF-8 text of at most 1 MiB
     * @return the changed options
     */
    public ServerOptions withPasswordFile(Path file) {
        return with(PASSWORD_FILE, file);
    }

    /** {@return the file of users and their rights; empty by default, and one user then has all rights} */
    public Optional<Path> usersFile() {
        return path(USERS_FILE);
    }

    /**
     * Sets the file of users and their rights. It is read when the server starts.
     *
     * @param file in the format of Redis ACL files
     * @return the changed options
     */
    public ServerOptions withUsersFile(Path file) {
        return with(USERS_FILE, file);
    }

    /** {@return the number of threads that serve clients; by default one for every four processors, at least one} */
    public int eventLoops() {
        return (int) number(EVENT_LOOPS);
    }

    /**
     * Sets the number of threads that serve clients.
     *
     * @param count number of threads, 1 to 256
     * @return the changed options
     */
    public ServerOptions withEventLoops(int count) {
        return with(EVENT_LOOPS, count);
    }

    /**
     * Sets the maximum number of clients. The server accepts fewer if the process may not open enough files.
     *
     * @param count number of clients, at least 1; 1000 by default
     * @return the changed options
     */
    public ServerOptions withMaxClients(int count) {
        return with(MAX_CLIENTS, count);
    }

    /**
     * Sets how long a client may send no request before its connection is closed.
     *
     * @param time rounded down to whole seconds; zero, the default, disables the time-out
     * @return the changed options
     */
    public ServerOptions withIdleTimeout(Duration time) {
        return with(TIMEOUT, time.toSeconds());
    }

    /**
     * Sets the duration from which on a command is kept for SLOWLOG.
     *
     * @param time rounded down to whole microseconds, 10 ms by default; a negative one keeps none
     * @return the changed options
     */
    public ServerOptions withSlowLogThreshold(Duration time) {
        return with(SLOW_LOG_MICROS, time.isNegative() ? -1 : TimeUnit.MICROSECONDS.convert(time));
    }

    /**
     * Sets the number of commands that SLOWLOG keeps.
     *
     * @param count number of commands, at most 100,000; 128 by default
     * @return the changed options
     */
    public ServerOptions withSlowLogLength(long count) {
        return with(SLOW_LOG_LENGTH, count);
    }

    /**
     * A port for clients that use TLS.
     *
     * @param port TCP port; 0 lets the system choose one
     * @param certificateFile the server's certificate and its chain, in PEM format
     * @param keyFile its private key in PEM format, unencrypted
     */
    public record Tls(int port, Path certificateFile, Path keyFile) {

        /** Checks the port. */
        public Tls {
            TLS_PORT.checked(port);
            Objects.requireNonNull(certificateFile);
            Objects.requireNonNull(keyFile);
        }
    }

    /** {@return the port for TLS 1.3, on the same addresses; empty by default} */
    public Optional<Tls> tls() {
        boolean hasPort = !value(TLS_PORT).isEmpty();
        boolean hasHttpsPort = !value(HTTPS_PORT).isEmpty();
        boolean hasFile =
                !value(TLS_CERTIFICATE_FILE).isEmpty() || !value(TLS_KEY_FILE).isEmpty();
        boolean hasFiles =
                !value(TLS_CERTIFICATE_FILE).isEmpty() && !value(TLS_KEY_FILE).isEmpty();
        if (!hasPort && !hasHttpsPort && !hasFile) {
            return Optional.empty();
        }
        check(
                hasFiles && (hasPort || hasHttpsPort),
                hasHttpsPort
                        ? "https-port takes tls-cert-file and tls-key-file"
                        : "TLS takes tls-port, tls-cert-file and tls-key-file together");
        return hasPort
                ? Optional.of(new Tls(
                        (int) number(TLS_PORT),
                        path(TLS_CERTIFICATE_FILE).orElseThrow(),
                        path(TLS_KEY_FILE).orElseThrow()))
                : Optional.empty();
    }

    /**
     * Sets the port for TLS 1.3, on the same addresses.
     *
     * @param port the port and its certificate
     * @return the changed options
     */
    public ServerOptions withTls(Tls port) {
        return with(TLS_PORT, port.port())
                .with(TLS_CERTIFICATE_FILE, port.certificateFile())
                .with(TLS_KEY_FILE, port.keyFile());
    }

    /** {@return the port for HTTP/1.1, on the same addresses; empty by default} */
    public OptionalInt httpPort() {
        return optionalPort(HTTP_PORT);
    }

    /**
     * Sets the port for HTTP/1.1, on the same addresses.
     *
     * @param number the port; 0 lets the system choose one
     * @return the changed options
     */
    public ServerOptions withHttpPort(int number) {
        return with(HTTP_PORT, number);
    }

    /** {@return the port for HTTP/1.1 over TLS 1.3, on the same addresses; empty by default} */
    public OptionalInt httpsPort() {
        return optionalPort(HTTPS_PORT);
    }

    /**
     * Sets the port for HTTP/1.1 over TLS 1.3, on the same addresses. It needs no {@linkplain #withTls port} for the
     * Redis protocol over TLS beside it, and has the same certificate if there is one.
     *
     * @param number the port; 0 lets the system choose one
     * @param certificateFile the server's certificate and its chain, in PEM format
     * @param keyFile its private key in PEM format, unencrypted
     * @return the changed options
     */
    public ServerOptions withHttps(int number, Path certificateFile, Path keyFile) {
        return with(HTTPS_PORT, number)
                .with(TLS_CERTIFICATE_FILE, certificateFile)
                .with(TLS_KEY_FILE, keyFile);
    }

    /**
     * Returns the origin whose web pages may use the server by HTTP.
     *
     * @return an origin, or an asterisk for all; empty by default
     * @throws IllegalArgumentException if the setting is no origin
     */
    public String httpOrigin() {
        String origin = value(HTTP_ORIGIN);
        check(
                origin.matches("|\\*|[a-zA-Z][a-zA-Z0-9+.-]{0,30}://[!-.0-~]{1,255}"),
                "http-origin is an origin without a path, such as https://example.org, or *");
        return origin;
    }

    /**
     * Sets the origin whose web pages may use the server by HTTP.
     *
     * @param origin an origin such as {@code https://example.org}, or an asterisk for all
     * @return the changed options
     */
    public ServerOptions withHttpOrigin(String origin) {
        return with(HTTP_ORIGIN, origin);
    }

    private OptionalInt optionalPort(Setting setting) {
        return value(setting).isEmpty() ? OptionalInt.empty() : OptionalInt.of((int) number(setting));
    }

    /** The certificate and key of TLS, on any port. */
    record Certificate(Path certificateFile, Path keyFile) {}

    /** Nothing without TLS. */
    Optional<Certificate> certificate() {
        return tls().isPresent() || httpsPort().isPresent()
                ? Optional.of(new Certificate(
                        path(TLS_CERTIFICATE_FILE).orElseThrow(),
                        path(TLS_KEY_FILE).orElseThrow()))
                : Optional.empty();
    }

    /** {@return whether there is no port without TLS; false by default. The Unix domain socket does not use TLS} */
    public boolean tlsOnly() {
        return isOn(TLS_ONLY);
    }

    /**
     * Sets whether there is no port without TLS. It takes a port for TLS.
     *
     * @param only true for TLS only
     * @return the changed options
     */
    public ServerOptions withTlsOnly(boolean only) {
        return with(TLS_ONLY, only);
    }

    /** {@return the port of the status page, the metrics and the probes; empty by default} */
    public OptionalInt metricsPort() {
        return optionalPort(METRICS_PORT);
    }

    /**
     * Sets the port of the status page, the metrics and the probes.
     *
     * @param number the port; 0 lets the system choose one
     * @return the changed options
     */
    public ServerOptions withMetricsPort(int number) {
        return with(METRICS_PORT, number);
    }

    /** {@return the host names or addresses of the metrics port; 127.0.0.1 by default} */
    public List<String> metricsBind() {
        return List.of(value(METRICS_BIND).split(","));
    }

    /**
     * Sets the host names or addresses of the metrics port. Connections to a loopback address need no password, all
     * others need one if the server has one. The probes {@code /livez} and {@code /readyz} never need one.
     *
     * @param hosts at least one; a leading minus sign allows the address to be missing on this host
     * @return the changed options
     */
    public ServerOptions withMetricsBind(List<String> hosts) {
        check(!hosts.isEmpty(), "metrics-bind must name at least one address");
        return with(METRICS_BIND, String.join(",", hosts));
    }

    /**
     * {@return settings of the program around the server, which {@code CONFIG GET} returns in addition to the server's}
     */
    public Map<String, String> shownSettings() {
        return shownSettings;
    }

    /**
     * Sets the settings of the program around the server, which {@code CONFIG GET} returns in addition to the server's.
     *
     * @param settings values by name
     * @return the changed options
     */
    public ServerOptions withShownSettings(Map<String, String> settings) {
        return new ServerOptions(given, paths, password, Map.copyOf(settings));
    }

    /** {@return the limit of background compaction in bytes of the log per second; empty if the store keeps its own} */
    public OptionalLong compactionRate() {
        return given.containsKey(COMPACTION_RATE) ? OptionalLong.of(number(COMPACTION_RATE)) : OptionalLong.empty();
    }

    /**
     * Sets the limit of background compaction. The server sets it on its store.
     *
     * @param bytesPerSecond bytes of the log per second; 0 compacts only on request
     * @return the changed options
     */
    public ServerOptions withCompactionRate(long bytesPerSecond) {
        return with(COMPACTION_RATE, bytesPerSecond);
    }

    /**
     * Sets how large values move between files and sockets. {@code CONFIG SET} changes it while the server runs.
     *
     * @param mode the way; {@link TransferMode#AUTO} by default
     * @return the changed options
     */
    public ServerOptions withTransferMode(TransferMode mode) {
        return with(TRANSFER_MODE, mode.label());
    }

    /**
     * Sets the length from which on {@link TransferMode#AUTO} reads values past the page cache, unless most of the
     * value is cached or it is requested repeatedly.
     *
     * @param bytes the length in bytes, at least 1; 64 MiB by default
     * @return the changed options
     */
    public ServerOptions withDirectThreshold(long bytes) {
        return with(DIRECT_THRESHOLD, bytes);
    }

    /**
     * Sets the maximum length of a value that clients can send or create.
     *
     * @param bytes the length in bytes, from 1 MiB to 1 TiB; 1 TiB by default
     * @return the changed options
     */
    public ServerOptions withLongestBulk(long bytes) {
        return with(LONGEST_BULK, bytes);
    }
}
