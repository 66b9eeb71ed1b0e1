package dev.penstock.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.cluster.raft.RaftMember;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
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
