package dev.penstock.tools.command;

import dev.penstock.tools.cluster.NodeFile;
import dev.penstock.tools.cluster.Peer;
import dev.penstock.tools.console.Console;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import dev.penstock.tools.text.RawFileNames;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code penstock cluster init}: creates the directory of a node. */
@Command(
        name = "init",
        description = {
            "Create the directory of a node of a new cluster; DIR must be missing or empty. Run it once on each "
                    + "machine, with the same list of nodes, and then 'penstock cluster node DIR'.",
            "A node that has lost its directory must not get an empty one in its place: it has forgotten what it "
                    + "promised the others. docs/guide/cluster.md says how to replace it."
        },
        footer = "  penstock cluster init data --name a --trusted-network%n"
                + "      --peers a=10.0.0.1:6380,b=10.0.0.2:6380,c=10.0.0.3:6380")
final class ClusterInitCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "DIR", description = "The node's directory.")
    private Path directory;

    @Option(names = "--name", paramLabel = "NAME", required = true, description = "Which of the nodes it is.")
    private String name;

    @Option(
            names = "--peers",
            paramLabel = "NAME=HOST:PORT[:LOGPORT],...",
            required = true,
            description =
                    "All nodes, this one too: names and addresses that clients and the other nodes reach them by. "
                            + "An odd number, such as three. LOGPORT is PORT + " + Peer.LOG_PORT_DISTANCE
                            + " if not given.")
    private String peers;

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            defaultValue = "penstock",
            description = "Name of the cluster, the same on all nodes. Nodes of different clusters do not understand "
                    + "each other. ${DEFAULT-VALUE} if not given.")
    private String cluster;

    @Option(
            names = "--trusted-network",
            description = "Say that only the nodes reach the nodes' ports for the log, by a firewall or a network of "
                    + "their own. Those ports have no password: a program that reaches one can change all keys.")
    private boolean isTrusted;

    @Override
    public Integer call() throws IOException {
        RawFileNames.checkedDirectory(directory);
        NodeFile node;
        try {
            List<Peer> all = Peer.parseAll(peers);
            node = NodeFile.of(cluster, name, all);
        } catch (IllegalArgumentException e) {
            throw new ToolException(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
        }
        if (!cluster.matches("[A-Za-z0-9_.-]{1,64}")) {
            throw new ToolException(
                    ExitCode.USAGE, "--cluster takes 1 to 64 letters, digits, '.', '_' and '-', not '" + cluster + "'");
        }
        if (!isTrusted && !node.peers().stream().allMatch(Peer::isLocal)) {
            throw new ToolException(
                    ExitCode.USAGE,
                    "the nodes' ports for the log have no password, and a program that reaches one can change all "
                            + "keys; keep others out by a firewall, and say so by --trusted-network");
        }
        node.create(directory);
        Console console = RootCommand.of(spec).console();
        console.line("%s is the directory of node %s, at %s; 'penstock cluster node %s' starts it"
                .formatted(directory, name, node.self().address(), directory));
        return ExitCode.OK;
    }
}
