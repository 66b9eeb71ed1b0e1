package dev.penstock.tools.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeTest {

    @TempDir
    Path folder;

    @Test
    void keysArePathsFromTheRootInTheirOrder() throws Exception {
        write("b/c.txt", "three");
        write("a", "");
        write("b/B/deep", "x");
        assertEquals(List.of("a", "b/B/deep", "b/c.txt"), keys(Tree.walk(folder)));
        assertEquals(6, Tree.walk(folder).totalBytes());
    }

    @Test
    void aLinkToAFileInsideCountsAsThatFile() throws Exception {
        write("real", "12345");
        Files.createSymbolicLink(folder.resolve("alias"), Path.of("real"));
        Tree tree = Tree.walk(folder);
        assertEquals(List.of("alias", "real"), keys(tree));
        assertEquals(10, tree.totalBytes());
    }

    @Test
    void aLinkThatLeadsOutNowhereToAFolderOrInACircleIsSkipped(@TempDir Path elsewhere) throws Exception {
        write("sub/file", "x");
        Path secret = Files.writeString(elsewhere.resolve("secret"), "not yours");
        Files.createSymbolicLink(folder.resolve("out"), secret);
        Files.createSymbolicLink(folder.resolve("nowhere"), Path.of("missing"));
        Files.createSymbolicLink(folder.resolve("folder"), Path.of("sub"));
        Files.createSymbolicLink(folder.resolve("sub/up"), folder);
        Files.createSymbolicLink(folder.resolve("self"), Path.of("self"));
        Tree tree = Tree.walk(folder);
        assertEquals(List.of("sub/file"), keys(tree));
        assertEquals(5, tree.skips().size(), tree.skips().toString());
        assertTrue(tree.unreadable().isEmpty());
    }

    @Test
    void theRootItselfMayBeALink(@TempDir Path elsewhere) throws Exception {
        write("file", "x");
        Path link = Files.createSymbolicLink(elsewhere.resolve("link"), folder);
        assertEquals(List.of("file"), keys(Tree.walk(link)));
    }

    private void write(String path, String content) throws Exception {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private static List<String> keys(Tree tree) {
        return tree.leaves().stream().map(Tree.Leaf::key).toList();
    }
}
