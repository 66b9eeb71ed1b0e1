package dev.penstock.tools;

import dev.penstock.server.ServerOptions;
import dev.penstock.store.StoreOptions;
import java.io.IOException;
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
            description = "Allow --bind to an address that other machines can reach. There is no password: "
                    + "whoever can connect can read and delete everything.")
    private boolean remoteAllowed;

    @Option(
            names = "--verify-on-read",
            description = "Compare each value with its checksum when it is read. A damaged one is an error then, "
                    + "not wrong bytes; every byte of a large value is touched before the first is sent.")
    private boolean verifyOnRead;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        return new Serve(console(), directory(), StoreOptions.defaults().withVerifyOnRead(verifyOnRead), options())
                .run();
    }

    private ServerOptions options() {
        try {
            ServerOptions options = ServerOptions.defaults().withPort(port).withRemoteAllowed(remoteAllowed);
            return hosts == null ? options : options.withBind(hosts);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
