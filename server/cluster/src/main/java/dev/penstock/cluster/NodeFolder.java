package dev.penstock.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.cluster.raft.RaftMember;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The directory of a node, which is that of one node for good: the file {@code node} in it says of which. A node that
 * took the directory of another one would vote twice, and the log knows the nodes by the addresses of its beginning.
 */
final class NodeFolder {

    private static final String FILE = "node";

    private NodeFolder() {}

    /**
     * Makes the directory of a node if it is missing.
     *
     * @throws IOException if it is that of another node, or of a node of another cluster
     */
    static void claim(ClusterOptions options) throws IOException {
        Path folder = Files.createDirectories(options.folder());
        Path file = folder.resolve(FILE);
        List<String> lines = lines(options);
        if (!Files.exists(file)) {
            write(folder, file, String.join("\n", lines) + "\n");
            return;
        }
        List<String> found = Files.readAllLines(file, UTF_8);
        if (found.size() < 2 || !found.subList(0, 2).equals(lines.subList(0, 2))) {
            throw new IOException(folder + " is the directory of " + String.join(", ", found)
                    + ": it cannot be that of " + String.join(", ", lines.subList(0, 2)));
        }
        if (!found.equals(lines)) {
            throw new IOException("the nodes of a cluster and their addresses are those that it was started with: "
                    + String.join(", ", found.subList(2, found.size())) + ", by " + file);
        }
    }

    /**
     * Refuses a node that has lost its log: it could vote again in a term in which it has voted, and would be counted
     * for entries that it no longer has. Ratis would begin a new log without a word.
     *
     * @param mark of the store, which is not empty once an entry was executed
     * @throws IOException if the log is missing
     */
    static void requireLog(ClusterOptions options, byte[] mark) throws IOException {
        Path log = options.raft().folder();
        if (mark.length > 0 && !hasVotes(log)) {
            throw new IOException(log + " does not contain the log of this node any more;"
                    + " 'Replacing a node' in docs/guide/cluster.md describes how to restore it");
        }
    }

    /** Whether Ratis finds what the node has voted for. */
    private static boolean hasVotes(Path log) throws IOException {
        try (DirectoryStream<Path> groups = Files.newDirectoryStream(log)) {
            for (Path group : groups) {
                if (Files.exists(group.resolve("current").resolve("raft-meta"))) {
                    return true;
                }
            }
            return false;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static List<String> lines(ClusterOptions options) {
        List<String> lines = new ArrayList<>();
        lines.add("cluster " + options.raft().group());
        lines.add("node " + options.self().id());
        options.raft().members().stream().map(NodeFolder::line).sorted().forEach(lines::add);
        return lines;
    }

    private static String line(RaftMember member) {
        return "member " + member.id() + " " + member.host() + ":" + member.port();
    }

    /** The whole file is there after a power cut, or none. */
    private static void write(Path folder, Path file, String text) throws IOException {
        Path draft = folder.resolve(FILE + ".tmp");
        try (FileChannel channel = FileChannel.open(
                draft, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
