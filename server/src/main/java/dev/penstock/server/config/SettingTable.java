package dev.penstock.server.config;

import dev.penstock.server.TransferMode;
import dev.penstock.server.transfer.TransferSettings;
import dev.penstock.store.Store;
import java.util.List;
import java.util.stream.Stream;

/** The settings that there are, one row each. A new setting is a row here, and a use of it. */
public final class SettingTable {

    private static final int MOST_PORT = 65_535;
    private static final int MOST_LOOPS = 256;
    private static final int PROCESSORS_OF_A_LOOP = 4;

    public static final Setting PORT =
            Setting.number("port", 0, MOST_PORT).unlessGiven("6380").help("N", "TCP port; 0 takes any free port");

    public static final Setting BIND = Setting.text("bind")
            .unlessGiven("127.0.0.1,-::1")
            .defaultIs("127.0.0.1 and ::1")
            .help("HOST,...", "addresses to listen on; one with a minus sign before it may be missing on this host");

    public static final Setting UNIX_SOCKET = Setting.path("unixsocket")
            .help("PATH", "also listen on a Unix domain socket that only this user's processes can connect to");

    public static final Setting PASSWORD_FILE = Setting.path("password-file")
            .defaultIs("no password")
            .help(
                    "FILE",
                    "clients must authenticate with the file's first line; the environment variable PENSTOCK_PASSWORD"
                            + " does the same");

    public static final Setting USERS_FILE = Setting.path("users-file")
            .defaultIs("one user with all rights")
            .help("FILE", "users and their rights: lines as in Redis's ACL files");

    public static final Setting ALLOW_REMOTE = Setting.flag("allow-remote")
            .help(
                    "",
                    "listen on addresses that other hosts can reach though there is no password: every client can then"
                            + " read and delete everything");

    public static final Setting MAX_CLIENTS = Setting.number("maxclients", 1, 0xffff_ffffL)
            .unlessGiven("1000")
            .live()
            .help("N", "most clients at once; never more than the limit of open files less 64");

    public static final Setting EVENT_LOOPS = Setting.number("event-loops", 1, MOST_LOOPS)
            .unlessGiven(
                    Integer.toString(Math.max(1, Runtime.getRuntime().availableProcessors() / PROCESSORS_OF_A_LOOP)))
            .defaultIs("one for every four processors")
            .help("N", "threads that serve clients; each has its share of them");

    public static final Setting TIMEOUT = Setting.number("timeout", 0, Integer.MAX_VALUE)
            .unlessGiven("0")
            .live()
            .help("SECONDS", "close connections that sent no request for so long; 0 is never");

    public static final Setting TRANSFER_MODE = Setting.word(
                    "transfer-mode",
                    Stream.of(TransferMode.values()).map(TransferMode::label).toList())
            .unlessGiven(TransferMode.AUTO.label())
            .live()
            .help("MODE", "how large values move between files and sockets: auto, or one of the others for comparison");

    public static final Setting TRANSFER_THRESHOLD = Setting.bytes("transfer-threshold", 256, 1 << 20)
            .unlessGiven(Integer.toString(TransferSettings.DEFAULT_TRANSFER_THRESHOLD))
            .onlyLive()
            .help("BYTES", "replies with values of this size or more leave from the file, and are not copied");

    public static final Setting DIRECT_THRESHOLD = Setting.bytes("direct-threshold", 1, Long.MAX_VALUE)
            .unlessGiven(Long.toString(64L << 20))
            .live()
            .help(
                    "BYTES",
                    "values of this size or more go past the page cache, if most of them is not in it and they are not"
                            + " in demand");

    public static final Setting LONGEST_BULK = Setting.bytes("proto-max-bulk-len", 1 << 20, Store.MAX_VALUE_LENGTH)
            .unlessGiven(Long.toString(Store.MAX_VALUE_LENGTH))
            .live()
            .help("BYTES", "the longest value that clients may send or make");

    public static final Setting COMPACTION_RATE = Setting.bytes("compaction-rate", 0, Long.MAX_VALUE)
            .unlessGiven(Long.toString(32L << 20))
            .live()
            .help("BYTES", "bytes of the log that compaction works through per second; 0 compacts only on request");

    public static final Setting SLOW_LOG_MICROS = Setting.number("slowlog-log-slower-than", -1, Long.MAX_VALUE)
            .unlessGiven("10000")
            .live()
            .help("MICROS", "keep commands that take at least so long for SLOWLOG; -1 keeps none");

    public static final Setting SLOW_LOG_LENGTH = Setting.number("slowlog-max-len", 0, 100_000)
            .unlessGiven("128")
            .live()
            .help("N", "how many commands SLOWLOG keeps");

    public static final Setting TLS_PORT = Setting.number("tls-port", 0, MOST_PORT)
            .help("N", "another port on the same addresses, for clients that use TLS 1.3; 0 takes any free port");

    public static final Setting TLS_ONLY =
            Setting.flag("tls-only").help("", "listen on no port without TLS; the Unix domain socket stays");

    public static final Setting TLS_CERTIFICATE_FILE = Setting.path("tls-cert-file")
            .help("FILE", "the server's certificate and its chain, in PEM; read again when it changes");

    public static final Setting TLS_KEY_FILE =
            Setting.path("tls-key-file").help("FILE", "the certificate's private key, in PEM, not encrypted");

    public static final Setting METRICS_PORT = Setting.number("metrics-port", 0, MOST_PORT)
            .help(
                    "N",
                    "a status page, and metrics for Prometheus under /metrics, on this port of 127.0.0.1; 0 takes any"
                            + " free port");

    public static final Setting LOG_FORMAT = Setting.word("log-format", List.of("text", "json"))
            .unlessGiven("text")
            .ofProgram()
            .help("FORMAT", "how the log is written to standard error: text, or json for one JSON object per line");

    public static final Setting VERIFY_ON_READ = Setting.flag("verify-on-read")
            .ofProgram()
            .help(
                    "",
                    "compare each value with its checksum when it is read: a damaged value is then an error, not wrong"
                            + " bytes");

    private static final List<Setting> ALL = List.of(
            PORT,
            BIND,
            UNIX_SOCKET,
            PASSWORD_FILE,
            USERS_FILE,
            ALLOW_REMOTE,
            MAX_CLIENTS,
            EVENT_LOOPS,
            TIMEOUT,
            TRANSFER_MODE,
            TRANSFER_THRESHOLD,
            DIRECT_THRESHOLD,
            LONGEST_BULK,
            COMPACTION_RATE,
            SLOW_LOG_MICROS,
            SLOW_LOG_LENGTH,
            TLS_PORT,
            TLS_ONLY,
            TLS_CERTIFICATE_FILE,
            TLS_KEY_FILE,
            METRICS_PORT,
            LOG_FORMAT,
            VERIFY_ON_READ);

    private SettingTable() {}

    /** In the order of the documents. */
    public static List<Setting> all() {
        return ALL;
    }
}
