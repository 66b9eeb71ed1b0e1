package dev.penstock.tools.command;

import dev.penstock.tools.client.ClientTrust;
import dev.penstock.tools.client.ServerAccess;
import dev.penstock.tools.client.ServerAddress;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import dev.penstock.tools.serve.Serve;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a client command authenticates, with the option names of redis-cli where it has them. */
final class ConnectionOptions {

    private static final String REDIS_VARIABLE = "REDISCLI_AUTH";

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description = "Authenticate as this user instead of the default one.")
    private @Nullable String user;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "Authenticate with the first line of FILE, or of the environment variable " + REDIS_VARIABLE
                    + " or " + Serve.PASSWORD_VARIABLE + ".")
    private @Nullable Path passwordFile;

    @Option(names = "--tls", description = "Connect by TLS.")
    private boolean tls;

    @Option(
            names = "--cacert",
            paramLabel = "FILE",
            description = "Trust the certificates in FILE, in PEM, instead of those that Java trusts.")
    private @Nullable Path authorities;

    @Option(names = "--insecure", description = "Accept any certificate.")
    private boolean insecure;

    /** The way to a server with these options. */
    ServerAccess access(ServerAddress address) throws IOException {
        return access(address, tls);
    }

    /** Whether the options ask for TLS. */
    boolean isTls() {
        return tls;
    }

    /** The way to a server with these options, by TLS or not. */
    ServerAccess access(ServerAddress address, boolean secure) throws IOException {
        if ((authorities != null || insecure) && !secure) {
            throw new ToolException(ExitCode.USAGE, "--cacert and --insecure need --tls");
        }
        if (secure && address.socket() != null) {
            throw new ToolException(ExitCode.USAGE, "--tls needs HOST:PORT, not a Unix domain socket");
        }
        String password = password();
        if (user != null && password == null) {
            throw new ToolException(ExitCode.USAGE, "--user needs a password, by --password-file or " + REDIS_VARIABLE);
        }
        return new ServerAccess(address, user, password, secure ? trust() : null, !insecure);
    }

    private SSLContext trust() throws IOException {
        if (insecure) {
            return ClientTrust.ofAnybody();
        }
        return authorities == null ? ClientTrust.ofJdk() : ClientTrust.ofFile(authorities);
    }

    private @Nullable String password() throws IOException {
        if (passwordFile == null) {
            return Stream.of(REDIS_VARIABLE, Serve.PASSWORD_VARIABLE)
                    .map(System::getenv)
                    .filter(value -> value != null && !value.isEmpty())
                    .findFirst()
                    .orElse(null);
        }
        try (BufferedReader reader = Files.newBufferedReader(passwordFile)) {
            String line = reader.readLine();
            if (line == null || line.isEmpty()) {
                throw new ToolException(ExitCode.USAGE, passwordFile + " holds no password in its first line");
            }
            return line;
        }
    }
}
