package dev.penstock.tools.command;

import dev.penstock.tools.client.ServerAccess;
import dev.penstock.tools.client.ServerAddress;
import dev.penstock.tools.cluster.ClusterState;
import dev.penstock.tools.cluster.LocalCluster;
import dev.penstock.tools.cluster.NodeState;
import dev.penstock.tools.cluster.Peer;
import dev.penstock.tools.console.Console;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code penstock cluster status}: which node leads, how far each is behind, and which cannot be reached. */
@Command(
        name = "status",
        customSynopsis = "penstock cluster status [OPTION]... HOST:PORT|DIR",
        description = {
            "Show the nodes of a cluster: which one leads, how many entries each is behind, and which cannot be "
                    + "reached. Asks each node, by the addresses that the first one lists.",
            "Exit code 1 says that no node leads, or that a node cannot be reached or execute an entry."
        },
        footer = {"  penstock cluster status 127.0.0.1:6380", "  penstock cluster status data --json"})
final class ClusterStatusCommand implements Callable<Integer> {

    private static final String ROW = "%-8s %-21s %-12s %6s %10s %8s  %s";

    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "HOST:PORT|DIR",
            description = "Address of a node, the directory of 'cluster start', or that of a node.")
    private String target;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Mixin
    private ConnectionOptions connection;

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<String> seeds = seeds();
        ServerAccess access = connection.access(ServerAddress.parse(seeds.getFirst()));
        ClusterState state = ClusterState.ask(seeds, access);
        Console console = RootCommand.of(spec).console();
        if (json) {
            Json.line(console, json(state));
        } else {
            print(console, state);
        }
        return state.isSound() ? ExitCode.OK : ExitCode.NEGATIVE;
    }

    private List<String> seeds() throws IOException {
        if (ServerAddress.isTcp(target) && !Files.exists(Path.of(target))) {
            return List.of(target);
        }
        if (!Files.isDirectory(Path.of(target))) {
            throw new ToolException(ExitCode.USAGE, "'" + target + "' is neither HOST:PORT nor an existing directory");
        }
        return LocalCluster.peers(Path.of(target)).stream().map(Peer::address).toList();
    }

    private static void print(Console console, ClusterState state) throws IOException {
        console.line("cluster %s: %s, term %d, %d entries committed"
                .formatted(
                        state.group(),
                        state.leader().map(node -> node.name() + " leads").orElse("no node leads"),
                        state.term(),
                        state.committed()));
        console.line(String.format(Locale.ROOT, ROW, "node", "address", "state", "term", "applied", "behind", "")
                .stripTrailing());
        for (NodeState node : state.nodes()) {
            console.line(row(state, node).stripTrailing());
        }
    }

    private static String row(ClusterState state, NodeState node) {
        if (node.problem() != null) {
            return String.format(Locale.ROOT, ROW, "?", node.address(), node.state(), "", "", "", node.problem());
        }
        return String.format(
                Locale.ROOT,
                ROW,
                node.name(),
                node.address(),
                node.state(),
                node.term(),
                node.applied(),
                state.lag(node),
                node.hasFault() ? "cannot execute an entry; its log says why" : "");
    }

    private static Map<String, Object> json(ClusterState state) {
        List<Map<String, Object>> nodes = new ArrayList<>();
        for (NodeState node : state.nodes()) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("address", node.address());
            fields.put("state", node.state());
            if (node.problem() == null) {
                fields.put("name", node.name());
                fields.put("term", node.term());
                fields.put("applied", node.applied());
                fields.put("lag", state.lag(node));
                fields.put("fault", node.hasFault());
            } else {
                fields.put("problem", node.problem());
            }
            nodes.add(fields);
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("cluster", state.group());
        fields.put("sound", state.isSound());
        fields.put("leader", state.leader().map(NodeState::address).orElse(null));
        fields.put("term", state.term());
        fields.put("committed", state.committed());
        fields.put("nodes", nodes);
        return fields;
    }
}
