package dev.penstock.tools.cluster;

import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * The directory of a cluster whose nodes all run on this machine: a folder for each node. A missing or empty directory
 * becomes one; the ports and the number of nodes are then what they are.
 *
 * @param directory which has the folders of the nodes
 * @param peers the nodes, in the order of their names
 */
public record LocalCluster(Path directory, List<Peer> peers) {

    public static final int DEFAULT_PORT = 6380;
    public static final int DEFAULT_NODES = 3;

    /** The name of each such cluster. */
    private static final String CLUSTER = "penstock";

    private static final String HOST = "127.0.0.1";

    public LocalCluster {
        peers = List.copyOf(peers);
    }

    /**
     * Opens the cluster of a directory, or creates one, and checks that the ports of its nodes are free.
     *
     * @param port the first node's port for clients; the next nodes have the next ports
     * @param nodes how many nodes there are
     * @throws ToolException if the directory has something else, or a cluster with other ports or of another size; or
     *     with the first port that is taken
     */
    public static LocalCluster open(Path directory, OptionalInt port, OptionalInt nodes) throws IOException {
        if (NodeFile.isIn(directory)) {
            throw new ToolException(
                    ExitCode.STORE,
                    directory + " is the directory of a single node; 'penstock cluster node " + directory
                            + "' starts it");
        }
        Path first = directory.resolve(name(1));
        if (!NodeFile.isIn(first) && !hasStartedNodes(directory)) {
            LocalCluster made = plan(directory, port.orElse(DEFAULT_PORT), nodes.orElse(DEFAULT_NODES));
            made.requireFreePorts();
            made.create();
            return made;
        }
        LocalCluster found = existing(directory);
        found.requireSame(port, nodes);
        found.requireFreePorts();
        return found;
    }

    private static String name(int number) {
        return "n" + number;
    }

    private static boolean hasStartedNodes(Path directory) {
        return IntStream.rangeClosed(1, DEFAULT_NODES)
                .mapToObj(number -> directory.resolve(name(number)))
                .anyMatch(NodeFile::hasStarted);
    }

    private static LocalCluster plan(Path directory, int port, int nodes) throws IOException {
        StringBuilder list = new StringBuilder();
        for (int number = 1; number <= nodes; number++) {
            list.append(number == 1 ? "" : ",").append(name(number)).append('=').append(HOST);
            list.append(':').append(port + number - 1);
        }
        List<Peer> peers = Peer.parseAll(list.toString());
        if (Files.exists(directory)) {
            requireEmpty(directory, peers.stream().map(Peer::name).toList());
        }
        return new LocalCluster(directory, peers);
    }

    /** The file of the first node is written last: until it is there, the cluster is made again. */
    private void create() throws IOException {
        for (Peer peer : peers.reversed()) {
            NodeFile.of(CLUSTER, peer.name(), peers).write(Files.createDirectories(folder(peer)));
        }
    }

    private static void requireEmpty(Path directory, List<String> names) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                if (!names.contains(file.getFileName().toString())) {
                    throw new ToolException(
                            ExitCode.STORE,
                            "%s contains %s, which is no part of a cluster; give a missing or empty directory"
                                    .formatted(directory, file.getFileName()));
                }
            }
        }
    }

    private static LocalCluster existing(Path directory) throws IOException {
        List<NodeFile> found = new ArrayList<>();
        for (int number = 1; number <= DEFAULT_NODES && found.isEmpty(); number++) {
            Path folder = directory.resolve(name(number));
            if (NodeFile.isIn(folder)) {
                found.add(NodeFile.read(folder));
            }
        }
        if (found.isEmpty()) {
            throw new ToolException(ExitCode.STORE, directory + ": none of its nodes has a file " + NodeFile.NAME);
        }
        List<Peer> peers = found.getFirst().peers();
        for (Peer peer : peers) {
            Path folder = directory.resolve(peer.name());
            if (!NodeFile.isIn(folder)) {
                throw new ToolException(
                        ExitCode.STORE,
                        folder + " is missing, or not the directory of node " + peer.name()
                                + "; 'Replacing a node' in docs/guide/cluster.md describes how to restore it");
            }
            requireNode(folder, peer, peers);
        }
        return new LocalCluster(directory, peers);
    }

    private static void requireNode(Path folder, Peer peer, List<Peer> peers) throws IOException {
        NodeFile node = NodeFile.read(folder);
        if (!node.self().equals(peer) || !node.peers().equals(peers)) {
            throw new ToolException(
                    ExitCode.STORE,
                    "%s belongs to node %s of another cluster; put back the folder of node %s"
                            .formatted(folder, node.self(), peer));
        }
    }

    private void requireSame(OptionalInt port, OptionalInt nodes) {
        int first = peers.getFirst().port();
        if (port.isPresent() && port.getAsInt() != first || nodes.isPresent() && nodes.getAsInt() != peers.size()) {
            throw new ToolException(
                    ExitCode.USAGE,
                    ("%s has a cluster of %d nodes from port %d on, and that cannot be changed; leave out --port "
                                    + "and --nodes")
                            .formatted(directory, peers.size(), first));
        }
    }

    /**
     * The nodes that a directory of a cluster, or of one of its nodes, lists.
     *
     * @throws ToolException if the directory is neither
     */
    public static List<Peer> peers(Path directory) throws IOException {
        return NodeFile.isIn(directory) || !Files.exists(directory.resolve(name(1)))
                ? NodeFile.read(directory).peers()
                : existing(directory).peers;
    }

    /** The folder of a node. */
    Path folder(Peer peer) {
        return directory.resolve(peer.name());
    }

    private void requireFreePorts() {
        for (Peer peer : peers) {
            requireFree(peer, peer.port(), "");
            requireFree(peer, peer.logPort(), " for the log");
        }
    }

    private void requireFree(Peer peer, int port, String purpose) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(peer.host(), port));
        } catch (IOException e) {
            throw new ToolException(
                    ExitCode.IO,
                    ("port %d, which node %s needs%s, is taken: %s. If this cluster runs already, "
                                    + "'penstock cluster status %s' shows it; otherwise stop the other program, or "
                                    + "make a cluster with other ports by --port")
                            .formatted(
                                    port,
                                    peer.name(),
                                    purpose,
                                    e.getMessage(),
                                    peers.getFirst().address()),
                    e);
        }
    }
}
