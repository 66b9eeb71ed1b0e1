package dev.penstock.tools;

import dev.penstock.server.ServerOptions;
import dev.penstock.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code penstock serve}: the options of {@link Serve}. */
@Command(
        name = "serve",
        description = {
            "Serve the store to Redis clients. A directory that is missing or empty becomes a store.",
            "Prints one line when it is ready; SIGTERM, SIGINT and a client's SHUTDOWN stop it, with everything stored."
        })
final class ServeCommand extends StoreCommand {

    private static final String PASSWORD_VARIABLE = "PENSTOCK_PASSWORD";

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "" + ServerOptions.DEFAULT_PORT,
            description = "TCP port; 0 takes any that is free. ${DEFAULT-VALUE} if not given.")
    private int port;

    @Option(
            names = "--bind",
            paramLabel = "HOST",
            split = ",",
            description = "Addresses to listen on. Those of this machine alone if not given.")
    private List<String> hosts;

    @Option(
            names = "--allow-remote",
            description = "Allow --bind to an address that other machines can reach though there is no password: "
                    + "whoever can connect can read and delete everything.")
    private boolean remoteAllowed;

    @Option(
            names = "--verify-on-read",
            description = "Compare each value with its checksum when it is read. A damaged one is an error then, "
                    + "not wrong bytes; every byte of a large value is touched before the first is sent.")
    private boolean verifyOnRead;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "Clients must authenticate with the first line of FILE, or of the environment variable "
                    + PASSWORD_VARIABLE + ".")
    private Path passwordFile;

    @Option(
            names = "--unixsocket",
            paramLabel = "PATH",
            description = "Also listen on a Unix domain socket that only this user's processes can connect to.")
    private Path unixSocket;

    @Option(
            names = "--maxclients",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Most clients at once, or what the limit of open files allows if less. "
                    + "${DEFAULT-VALUE} if not given.")
    private int maxClients;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = "Close connections that asked for nothing for so long; 0 is never. "
                    + "${DEFAULT-VALUE} if not given.")
    private long timeoutSeconds;

    @Spec
    private CommandSpec spec;

    @Override
    int run() throws IOException, InterruptedException {
        return new Serve(console(), directory(), StoreOptions.defaults().withVerifyOnRead(verifyOnRead), options())
                .run();
    }

    private ServerOptions options() throws IOException {
        String password = password(System.getenv(PASSWORD_VARIABLE));
        try {
            ServerOptions options = ServerOptions.defaults()
                    .withPort(port)
                    .withRemoteAllowed(remoteAllowed)
                    .withMaxClients(maxClients)
                    .withIdleTimeout(Duration.ofSeconds(timeoutSeconds));
            options = hosts == null ? options : options.withBind(hosts);
            options = unixSocket == null ? options : options.withUnixSocket(unixSocket);
            return password == null ? options : options.withPassword(password);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    /** Never from the command line, which every user of the machine can see. Null if there is none. */
    private String password(String fromEnvironment) throws IOException {
        String text = passwordFile == null ? fromEnvironment : Files.readString(passwordFile);
        return text == null ? null : text.lines().findFirst().orElse("");
    }
}
