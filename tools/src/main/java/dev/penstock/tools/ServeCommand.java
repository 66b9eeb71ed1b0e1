package dev.penstock.tools;

import dev.penstock.server.ServerOptions;
import dev.penstock.server.TransferMode;
import dev.penstock.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code penstock serve}: the options of {@link Serve}, from the command line and from a file. Each is checked as it is
 * taken, so that an error names it.
 */
@Command(
        name = "serve",
        description = {
            "Serve the store to Redis clients. A directory that is missing or empty becomes a store.",
            "Prints one line when it is ready; SIGTERM, SIGINT and a client's SHUTDOWN stop it, with everything stored."
        })
final class ServeCommand extends StoreCommand {

    @Option(
            names = "--verify-on-read",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description = "Compare each value with its checksum when it is read. A damaged value is then an error, "
                    + "not wrong bytes; every byte of a large value is touched before the first is sent.")
    private boolean verifyOnRead;

    @Option(
            names = "--compaction-rate",
            paramLabel = "BYTES",
            defaultValue = "33554432",
            description =
                    "Bytes of the log that background compaction works through per second, unless that is too little to "
                            + "keep up; 0 compacts only on request. ${DEFAULT-VALUE} if not given.")
    private long compactionRate;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "Clients must authenticate with the first line of FILE, or of the environment variable "
                    + Serve.PASSWORD_VARIABLE + ".")
    private Path passwordFile;

    /** How the log is written. */
    private enum LogFormat {
        text,
        json
    }

    @Option(
            names = "--log-format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description =
                    "Write the log, on standard error, as ${COMPLETION-CANDIDATES}. ${DEFAULT-VALUE} if not given.")
    private LogFormat logFormat;

    @Spec
    private CommandSpec spec;

    private ServerOptions options = ServerOptions.defaults();
    private ConfigFile configFile;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Read options from FILE, one per line, as in 'port=6380'. The command line takes precedence.")
    void config(Path file) {
        try {
            configFile = ConfigFile.read(file, spec);
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), Failures.describe(e), e);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        spec.defaultValueProvider(configFile);
    }

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "" + ServerOptions.DEFAULT_PORT,
            description = "TCP port; 0 takes any free port. ${DEFAULT-VALUE} if not given.")
    void port(int number) {
        set(now -> now.withPort(number));
    }

    @Option(
            names = "--bind",
            paramLabel = "HOST",
            split = ",",
            description = "Addresses to listen on. Only those of this machine if not given.")
    private List<String> hosts;

    @Option(
            names = "--allow-remote",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description = "Allow --bind to an address that other machines can reach without a password: "
                    + "every client can then read and delete everything.")
    void allowRemote(boolean allowed) {
        set(now -> now.withRemoteAllowed(allowed));
    }

    @Option(
            names = "--users-file",
            paramLabel = "FILE",
            description = "Users and their rights: lines as in Redis's ACL files.")
    void usersFile(Path file) {
        set(now -> file == null ? now : now.withUsersFile(file));
    }

    @Option(
            names = "--unixsocket",
            paramLabel = "PATH",
            description = "Also listen on a Unix domain socket that only this user's processes can connect to.")
    void unixSocket(Path path) {
        set(now -> path == null ? now : now.withUnixSocket(path));
    }

    @Option(
            names = "--maxclients",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Most clients at once, or what the limit of open files allows if less. "
                    + "${DEFAULT-VALUE} if not given.")
    void maxClients(int count) {
        set(now -> now.withMaxClients(count));
    }

    @Option(
            names = "--event-loops",
            paramLabel = "N",
            description = "Threads that serve clients. One for every four processors if not given.")
    void eventLoops(Integer count) {
        set(now -> count == null ? now : now.withEventLoops(count));
    }

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "0",
            description = "Close connections that sent no request for so long; 0 is never. "
                    + "${DEFAULT-VALUE} if not given.")
    void timeout(long seconds) {
        set(now -> now.withIdleTimeout(Duration.ofSeconds(seconds)));
    }

    @Option(
            names = "--transfer-mode",
            paramLabel = "MODE",
            defaultValue = "auto",
            description = "How large values move between files and sockets: copy, mapped, sendfile, splice, direct or "
                    + "auto. ${DEFAULT-VALUE} if not given; the others are for comparison.")
    void transferMode(String mode) {
        set(now -> now.withTransferMode(TransferMode.named(mode)));
    }

    @Option(
            names = "--direct-threshold",
            paramLabel = "BYTES",
            defaultValue = "" + ServerOptions.DEFAULT_DIRECT_THRESHOLD,
            description = "Values of so many bytes and more, if most of them is not in memory, go past the page cache "
                    + "the first time, and leave what is in it there. ${DEFAULT-VALUE} if not given.")
    void directThreshold(long bytes) {
        set(now -> now.withDirectThreshold(bytes));
    }

    @Option(
            names = "--proto-max-bulk-len",
            paramLabel = "BYTES",
            defaultValue = "1099511627776",
            description = "The longest value that clients may send or make. ${DEFAULT-VALUE} if not given.")
    void longestBulk(long bytes) {
        set(now -> now.withLongestBulk(bytes));
    }

    @Option(
            names = "--slowlog-log-slower-than",
            paramLabel = "MICROS",
            defaultValue = "10000",
            description = "Keep commands that take at least so long for SLOWLOG; -1 keeps none. "
                    + "${DEFAULT-VALUE} if not given.")
    void slowLogMicros(long micros) {
        set(now -> now.withSlowLogMicros(micros));
    }

    @Option(
            names = "--slowlog-max-len",
            paramLabel = "N",
            defaultValue = "128",
            description = "How many commands SLOWLOG keeps. ${DEFAULT-VALUE} if not given.")
    void slowLogLength(long count) {
        set(now -> now.withSlowLogLength(count));
    }

    @Option(
            names = "--tls-port",
            paramLabel = "N",
            description = "Also listen here, on the same addresses, for clients that use TLS 1.3.")
    private Integer tlsPort;

    @Option(
            names = "--tls-only",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description = "Listen on no --port: TCP clients must use TLS.")
    void tlsOnly(boolean only) {
        set(now -> now.withTlsOnly(only));
    }

    @Option(
            names = "--tls-cert-file",
            paramLabel = "FILE",
            description = "The server's certificate and its chain, in PEM. Read again when it changes.")
    private Path tlsCertificateFile;

    @Option(
            names = "--tls-key-file",
            paramLabel = "FILE",
            description = "The certificate's private key, in PEM, not encrypted.")
    private Path tlsKeyFile;

    @Option(
            names = "--metrics-port",
            paramLabel = "N",
            description = "Show a status page, and metrics for Prometheus under /metrics, on this port of 127.0.0.1.")
    void metricsPort(Integer number) {
        set(now -> number == null ? now : now.withMetricsPort(number));
    }

    private void set(UnaryOperator<ServerOptions> change) {
        try {
            options = change.apply(options);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    @Override
    int run() throws IOException, InterruptedException {
        if (configFile != null) {
            configFile.accepted();
        }
        if (logFormat == LogFormat.json) {
            JsonLog.install();
        }
        String password = password();
        set(now -> hosts == null ? now : now.withBind(hosts));
        set(now -> password == null ? now : now.withPassword(password));
        set(this::withTls);
        set(now -> now.withShownSettings(shown()));
        return new Serve(console(), directory(), storeOptions(), options).run();
    }

    private StoreOptions storeOptions() {
        try {
            return StoreOptions.defaults().withVerifyOnRead(verifyOnRead).withCompactionRate(compactionRate);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private ServerOptions withTls(ServerOptions now) {
        if (tlsPort == null && tlsCertificateFile == null && tlsKeyFile == null) {
            return now;
        }
        if (tlsPort == null || tlsCertificateFile == null || tlsKeyFile == null) {
            throw new IllegalArgumentException("TLS takes --tls-port, --tls-cert-file and --tls-key-file together");
        }
        return now.withTls(new ServerOptions.Tls(tlsPort, tlsCertificateFile, tlsKeyFile));
    }

    /** What CONFIG GET tells of the options that are not the server's own. */
    private Map<String, String> shown() {
        return Map.of(
                "dir",
                directory().toAbsolutePath().toString(),
                "verify-on-read",
                verifyOnRead ? "yes" : "no",
                "password-file",
                passwordFile == null ? "" : passwordFile.toString(),
                "log-format",
                logFormat.toString());
    }

    /** Never from the command line, which every user of the machine can see. Null if there is none. */
    private String password() throws IOException {
        String text = passwordFile == null ? passwordOfTheEnvironment() : passwordFile();
        return text == null ? null : text.lines().findFirst().orElse("");
    }

    private String passwordFile() throws IOException {
        try {
            return TextFile.read(passwordFile);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private String passwordOfTheEnvironment() {
        String text = ProcessBytes.variable(Serve.PASSWORD_VARIABLE);
        if (text == null || KeyText.text(ByteText.bytes(text)) != null) {
            return text;
        }
        throw new ParameterException(spec.commandLine(), Serve.PASSWORD_VARIABLE + " is not UTF-8 text");
    }
}
