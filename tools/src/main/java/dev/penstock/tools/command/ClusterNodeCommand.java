package dev.penstock.tools.command;

import dev.penstock.server.ServerOptions;
import dev.penstock.server.config.Setting;
import dev.penstock.server.config.SettingTable;
import dev.penstock.tools.cluster.NodeFile;
import dev.penstock.tools.serve.ServeNode;
import dev.penstock.tools.text.RawFileNames;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code penstock cluster node}: the options of {@link ServeNode}. */
@Command(
        name = "node",
        modelTransformer = SettingOptions.class,
        description = {
            "Run the node that DIR belongs to. 'penstock cluster init' makes such a directory.",
            "Prints one line when it is ready. SIGTERM, SIGINT and a client's SHUTDOWN have another node take over the "
                    + "lead, close the store and stop it."
        },
        footer = {
            "  penstock cluster node data",
            "  penstock cluster node /var/lib/penstock --config /etc/penstock/penstock.conf"
        })
final class ClusterNodeCommand implements Callable<Integer>, ServerSettings.Owner {

    /** The port is in the directory, a node has one event loop, and clients are sent to ports without TLS or HTTP. */
    private static final Set<Setting> NOT_TAKEN = Set.of(
            SettingTable.PORT,
            SettingTable.EVENT_LOOPS,
            SettingTable.TLS_PORT,
            SettingTable.TLS_ONLY,
            SettingTable.TLS_CERTIFICATE_FILE,
            SettingTable.TLS_KEY_FILE,
            SettingTable.HTTP_PORT,
            SettingTable.HTTPS_PORT,
            SettingTable.HTTP_ORIGIN);

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "DIR", description = "The node's directory.")
    private Path directory;

    @Option(
            names = "--supervised",
            hidden = true,
            description = "Stop when standard input ends, and print lines for the program that started this one.")
    private boolean isSupervised;

    @Mixin
    private final ServerSettings settings = new ServerSettings();

    @Override
    public ServerSettings settings() {
        return settings;
    }

    @Override
    public boolean takes(Setting setting) {
        return !NOT_TAKEN.contains(setting);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        RawFileNames.checkedDirectory(directory);
        NodeFile node = NodeFile.read(directory);
        if (!settings.isGiven(SettingTable.BIND)) {
            settings.give(SettingTable.BIND, node.self().host());
        }
        ServerOptions options = settings.accept(directory);
        return new ServeNode(
                        RootCommand.of(spec).console(),
                        settings.log(),
                        directory,
                        node,
                        settings.storeOptions(),
                        options,
                        isSupervised)
                .run();
    }
}
