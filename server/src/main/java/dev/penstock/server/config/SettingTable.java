package dev.penstock.server.config;

import dev.penstock.server.TransferMode;
import dev.penstock.server.transfer.TransferSettings;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/**
 * All settings, one row each. A new setting is a row here and a use of its value. A row begins with a method of this
 * class that registers it, so {@link #all()} returns every row.
 */
public final class SettingTable {

    private static final int MOST_PORT = 65_535;
    private static final int MOST_LOOPS = 256;
    private static final int PROCESSORS_OF_A_LOOP = 4;

    /** First, since the rows below register themselves here. */
    private static final List<Setting> ALL = new ArrayList<>();

    /** TCP port for clients without TLS. */
    public static final Setting PORT =
            number("port", 0, MOST_PORT).unlessGiven("6380").help("N", "TCP port; 0 chooses any free port");

    /** Addresses to listen on. */
    public static final Setting BIND = text("bind")
            .unlessGiven("127.0.0.1,-::1")
            .defaultIs("127.0.0.1 and ::1")
            .help(
                    "HOST,...",
                    "addresses to listen on; an address with a leading minus sign is skipped if"
                            + " this host does not have it");

    /** Path of a Unix domain socket. */
    public static final Setting UNIX_SOCKET = path("unixsocket")
            .help("PATH", "also listen on a Unix domain socket, which only processes of the same user can connect to");

    /** File whose first line is the password. */
    public static final Setting PASSWORD_FILE = path("password-file")
            .defaultIs("no password")
            .help(
                    "FILE",
                    "file whose first line is the password of clients; the environment variable"
                            + " PENSTOCK_PASSWORD also sets it");

    /** File of users and their rights. */
    public static final Setting USERS_FILE = path("users-file")
            .defaultIs("one user with all rights")
            .help("FILE", "file of users and their rights, in the format of Redis ACL files");

    /** Whether remote addresses are allowed without a password. */
    public static final Setting ALLOW_REMOTE = flag("allow-remote")
            .help(
                    "",
                    "listen on addresses that other hosts can reach even without a password; every client"
                            + " can then read and delete all data");

    /** Maximum number of clients. */
    public static final Setting MAX_CLIENTS = number("maxclients", 1, 0xffff_ffffL)
            .unlessGiven("1000")
            .live()
            .help("N", "maximum number of clients, at most the limit of open files minus 64");

    /** Number of threads that serve clients. */
    public static final Setting EVENT_LOOPS = number("event-loops", 1, MOST_LOOPS)
            .unlessGiven(
                    Integer.toString(Math.max(1, Runtime.getRuntime().availableProcessors() / PROCESSORS_OF_A_LOOP)))
            .defaultIs("one for every four processors")
            .help("N", "number of threads that serve clients; clients are divided among them");

    /** Time-out of idle connections, in seconds. */
    public static final Setting TIMEOUT = number("timeout", 0, Integer.MAX_VALUE)
            .unlessGiven("0")
            .live()
            .help(
                    "SECONDS",
                    "close a connection after it has sent no request for this many seconds; 0"
                            + " disables the timeout");

    /** How large values move between files and sockets: the name of a {@link TransferMode}. */
    public static final Setting TRANSFER_MODE = word(
                    "transfer-mode",
                    Stream.of(TransferMode.values()).map(TransferMode::label).toList())
            .unlessGiven(TransferMode.AUTO.label())
            .live()
            .help(
                    "MODE",
                    "how large values move between files and sockets; auto chooses, the other modes"
                            + " are for comparison");

    /** Length in bytes from which on values are sent from their file. */
    public static final Setting TRANSFER_THRESHOLD = bytes("transfer-threshold", 256, 1 << 20)
            .unlessGiven(Integer.toString(TransferSettings.DEFAULT_TRANSFER_THRESHOLD))
            .onlyLive()
            .help(
                    "BYTES",
                    "values of this size or more are sent directly from the file instead of being"
                            + " copied into the reply");

    /** Length in bytes from which on values bypass the page cache. */
    public static final Setting DIRECT_THRESHOLD = bytes("direct-threshold", 1, Long.MAX_VALUE)
            .unlessGiven(Long.toString(64L << 20))
            .live()
            .help(
                    "BYTES",
                    "values of this size or more bypass the page cache, unless most of the value is cached"
                            + " or it is requested repeatedly");

    /** Maximum length in bytes of a value that clients can send or create. */
    public static final Setting LONGEST_BULK = bytes("proto-max-bulk-len", 1 << 20, Store.MAX_VALUE_LENGTH)
            .unlessGiven(Long.toString(Store.MAX_VALUE_LENGTH))
            .live()
            .help("BYTES", "maximum length of a value that clients can send or create");

    /** Limit of background compaction, in bytes of the log per second. */
    public static final Setting COMPACTION_RATE = bytes("compaction-rate", 0, Long.MAX_VALUE)
            .unlessGiven(Long.toString(StoreOptions.defaults().compactionRate()))
            .live()
            .help(
                    "BYTES",
                    "bytes of the log that background compaction processes per second; 0 turns"
                            + " background compaction off");

    /** Duration in microseconds from which on SLOWLOG keeps a command. */
    public static final Setting SLOW_LOG_MICROS = number("slowlog-log-slower-than", -1, Long.MAX_VALUE)
            .unlessGiven("10000")
            .live()
            .help("MICROS", "record commands that take at least this many microseconds in SLOWLOG; -1 records none");

    /** Number of commands that SLOWLOG keeps. */
    public static final Setting SLOW_LOG_LENGTH = number("slowlog-max-len", 0, 100_000)
            .unlessGiven("128")
            .live()
            .help("N", "number of commands that SLOWLOG keeps");

    /** Port for TLS. */
    public static final Setting TLS_PORT = number("tls-port", 0, MOST_PORT)
            .help("N", "port for TLS 1.3 on the same addresses; 0 chooses any free port");

    /** Whether there is no port without TLS. */
    public static final Setting TLS_ONLY = flag("tls-only")
            .help("", "do not listen on the port without TLS; the Unix domain socket is still available");

    /** File of the certificate and its chain. */
    public static final Setting TLS_CERTIFICATE_FILE = path("tls-cert-file")
            .help(
                    "FILE",
                    "the server's certificate and chain in PEM format; the server reads the file again"
                            + " when it changes");

    /** File of the private key. */
    public static final Setting TLS_KEY_FILE =
            path("tls-key-file").help("FILE", "private key of the certificate in PEM format, unencrypted");

    /** Port for HTTP. */
    public static final Setting HTTP_PORT = number("http-port", 0, MOST_PORT)
            .help("N", "port for HTTP/1.1 on the same addresses; 0 chooses any free port");

    /** Port for HTTP over TLS. */
    public static final Setting HTTPS_PORT = number("https-port", 0, MOST_PORT)
            .help("N", "port for HTTP/1.1 over TLS 1.3, with the same certificate; 0 chooses any free port");

    /** Origin whose web pages may use the server by HTTP. */
    public static final Setting HTTP_ORIGIN = text("http-origin")
            .help(
                    "ORIGIN",
                    "origin whose web pages may use the server by HTTP, such as https://example.org, or *"
                            + " for every origin");

    /** Port of the status page and the metrics. */
    public static final Setting METRICS_PORT = number("metrics-port", 0, MOST_PORT)
            .help(
                    "N",
                    "port for the status page, for Prometheus metrics under /metrics, and for the probes /livez and"
                            + " /readyz; 0 chooses any free port");

    /** Addresses of the status page and the metrics. */
    public static final Setting METRICS_BIND = text("metrics-bind")
            .unlessGiven("127.0.0.1")
            .help(
                    "HOST,...",
                    "addresses of metrics-port; one that other hosts can reach needs a password or allow-remote, as"
                            + " for bind");

    /** Format of the program's log. */
    public static final Setting LOG_FORMAT = word("log-format", List.of("text", "json"))
            .unlessGiven("text")
            .ofProgram()
            .help("FORMAT", "format of the log on standard error: text, or json for one JSON object per line");

    /** The least level of the program's log. */
    public static final Setting LOG_LEVEL = word("log-level", List.of("error", "warning", "info", "debug"))
            .unlessGiven("info")
            .ofProgram()
            .help("LEVEL", "events of this level and above are logged; debug is for looking into a problem");

    /** Whether reads verify checksums; an option of the store. */
    public static final Setting VERIFY_ON_READ = flag("verify-on-read")
            .ofProgram()
            .help(
                    "",
                    "verify the checksum of each value on every read; a damaged value then causes an error"
                            + " instead of wrong bytes");

    private SettingTable() {}

    /** {@return all settings, in the order of the rows and of the documents} */
    public static List<Setting> all() {
        return Collections.unmodifiableList(ALL);
    }

    private static Setting number(String name, long least, long most) {
        return row(Setting.number(name, least, most));
    }

    private static Setting bytes(String name, long least, long most) {
        return row(Setting.bytes(name, least, most));
    }

    private static Setting word(String name, List<String> words) {
        return row(Setting.word(name, words));
    }

    private static Setting flag(String name) {
        return row(Setting.flag(name));
    }

    private static Setting text(String name) {
        return row(Setting.text(name));
    }

    private static Setting path(String name) {
        return row(Setting.path(name));
    }

    private static Setting row(Setting setting) {
        ALL.add(setting);
        return setting;
    }
}
