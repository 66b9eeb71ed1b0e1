package dev.penstock.tools.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import dev.penstock.tools.text.TextFile;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which node of which cluster a directory belongs to: the file {@value #NAME} in it. It is written once, before the
 * node starts for the first time, and never changes: a node that forgot what it had promised the others could make them
 * lose what was acknowledged, so that an empty directory never becomes a node by starting it.
 *
 * @param cluster the name of the cluster
 * @param self the node
 * @param peers all nodes, this one too, in the order of their names
 */
public record NodeFile(String cluster, Peer self, List<Peer> peers) {

    public static final String NAME = "node.properties";

    /** What a node makes in its directory when it starts for the first time. */
    private static final String LOG_FOLDER = "raft";

    private static final String FORMAT = "1";

    public NodeFile {
        peers = List.copyOf(peers);
    }

    /**
     * A node of a list.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public static NodeFile of(String cluster, String name, List<Peer> peers) {
        Peer self = peers.stream()
                .filter(peer -> peer.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("node " + name + " is not among the nodes "
                        + peers.stream().map(Peer::name).collect(Collectors.joining(", "))));
        return new NodeFile(cluster, self, peers);
    }

    /** Whether a directory belongs to a node. */
    public static boolean isIn(Path directory) {
        return Files.isRegularFile(directory.resolve(NAME));
    }

    /** Whether the node of a directory has ever started. */
    public static boolean hasStarted(Path directory) {
        return Files.exists(directory.resolve(LOG_FOLDER));
    }

    /**
     * Reads which node a directory belongs to.
     *
     * @throws ToolException if it belongs to none
     */
    public static NodeFile read(Path directory) throws IOException {
        Path file = directory.resolve(NAME);
        Properties entries;
        try {
            entries = entries(file);
        } catch (NoSuchFileException | NotDirectoryException e) {
            throw new ToolException(
                    ExitCode.STORE,
                    directory + " is not the directory of a node; 'penstock cluster init' makes one of a missing or "
                            + "empty directory",
                    e);
        } catch (IllegalArgumentException e) {
            throw new ToolException(ExitCode.STORE, String.valueOf(e.getMessage()), e);
        }
        String format = entries.getProperty("format", "");
        if (format.isEmpty()) {
            throw new ToolException(ExitCode.STORE, file + " is damaged: it has no format");
        }
        if (!format.equals(FORMAT)) {
            throw new ToolException(
                    ExitCode.STORE,
                    file + " has format '" + format + "', and this release reads " + FORMAT + "; use a newer release");
        }
        try {
            return of(
                    entries.getProperty("cluster", ""),
                    entries.getProperty("name", ""),
                    Peer.parseAll(entries.getProperty("peers", "")));
        } catch (IllegalArgumentException e) {
            throw new ToolException(ExitCode.STORE, file + ": " + e.getMessage(), e);
        }
    }

    private static Properties entries(Path file) throws IOException {
        String text = TextFile.read(file);
        Properties entries = new Properties();
        try {
            entries.load(new StringReader(text));
            return entries;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + " is damaged: " + e.getMessage(), e);
        }
    }

    /**
     * Makes a missing or empty directory that of this node.
     *
     * @throws ToolException if it is neither
     */
    public void create(Path directory) throws IOException {
        requireEmpty(directory);
        Files.createDirectories(directory);
        write(directory);
    }

    /** Replaces what says which node a directory belongs to, before that node has started. */
    void write(Path directory) throws IOException {
        Path unfinished = directory.resolve(NAME + ".tmp");
        String text = """
                # The node of a Penstock cluster that this directory belongs to. Do not change it, and do not copy it to
                # another node.
                format=%s
                cluster=%s
                name=%s
                peers=%s
                """.formatted(
                FORMAT, cluster, self.name(), peers.stream().map(Peer::toString).collect(Collectors.joining(",")));
        try (FileChannel channel = FileChannel.open(
                unfinished,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(unfinished, directory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void requireEmpty(Path directory) throws IOException {
        if (isIn(directory)) {
            NodeFile found = read(directory);
            throw new ToolException(
                    ExitCode.STORE,
                    "%s belongs to node %s of the cluster %s already; 'penstock cluster node %s' starts it"
                            .formatted(directory, found.self.name(), found.cluster, directory));
        }
        if (isOccupied(directory)) {
            throw new ToolException(
                    ExitCode.STORE,
                    directory + " is not empty, and not the directory of a node; give a missing or empty directory");
        }
    }

    private static boolean isOccupied(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return false;
        }
        if (!Files.isDirectory(directory)) {
            return true;
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.findAny().isPresent();
        }
    }
}
