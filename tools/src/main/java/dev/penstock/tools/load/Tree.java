package dev.penstock.tools.load;

import dev.penstock.tools.console.Failures;
import dev.penstock.tools.text.ByteText;
import dev.penstock.tools.text.KeyText;
import dev.penstock.tools.text.RawFileNames;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * A folder tree as entries: the key is the path from the root with {@code /} between the names, the value the file's
 * bytes. A symbolic link to a file inside the tree counts as that file; one that leads elsewhere, or to a folder, is
 * skipped, so that a load never reaches out of the tree it was given and never goes in circles.
 */
public final class Tree {

    /** A file to load. */
    record Leaf(String key, Path file, long length) {}

    /** Something that is not loaded, and why. */
    record Skip(Path path, String reason) {}

    private final Path root;
    /** Bytes of the root's name, with the slash behind it. */
    private final int rootLength;

    private final List<Leaf> leaves = new ArrayList<>();
    private final List<Skip> skips = new ArrayList<>();
    private final List<Skip> unreadable = new ArrayList<>();

    private Tree(Path root) {
        this.root = root;
        byte[] name = RawFileNames.bytes(root);
        this.rootLength = name.length == 1 ? 1 : name.length + 1;
    }

    /** Looks at the whole tree, and opens none of its files. */
    public static Tree walk(Path root) throws IOException {
        Tree tree = new Tree(root.toRealPath());
        Files.walkFileTree(tree.root, tree.new Visitor());
        tree.leaves.sort(Comparator.comparing(Leaf::key));
        return tree;
    }

    /** The files in the order of their keys. */
    List<Leaf> leaves() {
        return leaves;
    }

    public List<Skip> skips() {
        return skips;
    }

    /** Folders and files that the system would not show. */
    List<Skip> unreadable() {
        return unreadable;
    }

    long totalBytes() {
        return leaves.stream().mapToLong(Leaf::length).sum();
    }

    /** The name of a file from the root on, as {@link ByteText}, whatever the locale. */
    private String key(Path file) {
        byte[] name = RawFileNames.bytes(file);
        return ByteText.of(Arrays.copyOfRange(name, rootLength, name.length));
    }

    private void add(Path file, BasicFileAttributes attributes) throws IOException {
        if (attributes.isSymbolicLink()) {
            addLink(file);
        } else if (attributes.isRegularFile()) {
            addFile(file, attributes.size());
        } else {
            skips.add(new Skip(file, "neither a file nor a folder"));
        }
    }

    private void addFile(Path file, long length) {
        String key = key(file);
        if (KeyText.text(ByteText.bytes(key)) == null) {
            skips.add(new Skip(file, "its name is not UTF-8"));
        } else {
            leaves.add(new Leaf(key, file, length));
        }
    }

    private void addLink(Path link) throws IOException {
        if (!Files.exists(link)) {
            skips.add(new Skip(link, "a link that leads nowhere"));
            return;
        }
        Path target = link.toRealPath();
        if (!target.startsWith(root)) {
            skips.add(new Skip(link, "a link that leads out of the tree"));
        } else if (!Files.isRegularFile(target)) {
            skips.add(new Skip(link, "a link to something other than a file"));
        } else {
            addFile(link, Files.size(target));
        }
    }

    private final class Visitor extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            add(file, attributes);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path path, IOException failure) {
            unreadable.add(new Skip(path, Failures.describe(failure)));
            return FileVisitResult.CONTINUE;
        }
    }
}
