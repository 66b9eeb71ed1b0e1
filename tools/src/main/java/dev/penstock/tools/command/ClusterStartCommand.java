package dev.penstock.tools.command;

import dev.penstock.tools.cluster.LocalCluster;
import dev.penstock.tools.cluster.LocalRun;
import dev.penstock.tools.cluster.Peer;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import dev.penstock.tools.text.RawFileNames;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code penstock cluster start}: all nodes of a cluster on this machine. */
@Command(
        name = "start",
        description = {
            "Run a cluster on this machine: each node is a process of its own, with a folder in DATA_DIR.",
            "Makes the cluster if DATA_DIR is missing or empty. Ctrl-C stops it; the next start goes on with its keys.",
            "A node that ends is started again. One machine is for trying it out: its loss is that of all nodes."
        },
        footer = {"  penstock cluster start data", "  penstock cluster start data --port 7000 --nodes 5"})
final class ClusterStartCommand implements Callable<Integer> {

    private static final int MOST_NODES = 9;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "DATA_DIR", description = "The directory of the cluster.")
    private Path directory;

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "First node's port for clients; the next nodes have the next ports. Each node's log has that "
                    + "port plus " + Peer.LOG_PORT_DISTANCE + ". " + LocalCluster.DEFAULT_PORT + " if not given.")
    private @Nullable Integer port;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            description = "Number of nodes of a new cluster, 1, 3, 5, 7 or 9; more than half of them have to run. "
                    + LocalCluster.DEFAULT_NODES + " if not given.")
    private @Nullable Integer nodes;

    @Option(
            names = "--metrics-port",
            paramLabel = "N",
            description = "First node's port for the status page and metrics; the next nodes have the next ports.")
    private @Nullable Integer metricsPort;

    @Override
    public Integer call() throws IOException, InterruptedException {
        RawFileNames.checkedDirectory(directory);
        if (nodes != null && (nodes < 1 || nodes > MOST_NODES || nodes % 2 == 0)) {
            throw usage("--nodes needs 1, 3, 5, 7 or 9, so that more than half of them can agree, not " + nodes);
        }
        int count = nodes == null ? LocalCluster.DEFAULT_NODES : nodes;
        requirePort("--port", port, Peer.MOST_PORT - Peer.LOG_PORT_DISTANCE - count + 1);
        requirePort("--metrics-port", metricsPort, Peer.MOST_PORT - count + 1);
        LocalCluster cluster = LocalCluster.open(directory, optional(port), optional(nodes));
        return new LocalRun(RootCommand.of(spec).console(), cluster, optional(metricsPort)).run();
    }

    private static void requirePort(String option, @Nullable Integer number, int most) {
        if (number != null && (number < 1 || number > most)) {
            throw usage(option + " must be from 1 to " + most + ", not " + number);
        }
    }

    private static ToolException usage(String problem) {
        return new ToolException(ExitCode.USAGE, problem);
    }

    private static OptionalInt optional(@Nullable Integer number) {
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }
}
