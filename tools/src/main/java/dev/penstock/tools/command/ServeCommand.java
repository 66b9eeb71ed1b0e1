package dev.penstock.tools.command;

import dev.penstock.server.ServerOptions;
import dev.penstock.server.config.Setting;
import dev.penstock.tools.serve.Serve;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code penstock serve}: the options of {@link Serve}, from the command line and from a file. */
@Command(
        name = "serve",
        modelTransformer = SettingOptions.class,
        description = {
            "Serve the store to Redis clients. Creates the store if DIR is missing or empty.",
            "Prints one line when it is ready. SIGTERM, SIGINT and a client's SHUTDOWN close the store and stop it."
        },
        footer = {
            "  penstock serve data",
            "  penstock serve data --port 7000 --metrics-port 9121",
            "  penstock serve /var/lib/penstock --config /etc/penstock/penstock.conf"
        })
final class ServeCommand extends StoreCommand implements ServerSettings.Owner {

    @Mixin
    private final ServerSettings settings = new ServerSettings();

    @Override
    public ServerSettings settings() {
        return settings;
    }

    @Override
    public boolean takes(Setting setting) {
        return true;
    }

    @Override
    int run() throws IOException, InterruptedException {
        ServerOptions options = settings.accept(directory());
        return new Serve(console(), settings.log(), directory(), settings.storeOptions(), options).run();
    }
}
