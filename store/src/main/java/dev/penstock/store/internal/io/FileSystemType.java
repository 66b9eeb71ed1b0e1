package dev.penstock.store.internal.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What is known of a file system by its type. */
final class FileSystemType {

    private FileSystemType() {}

    /**
     * Whether it consists of layers, of which only the topmost is written to: the first write to a file of another
     * layer copies it. A file system in user space may do the same, and so may one whose type is unknown.
     */
    static boolean isLayered(Path path) {
        try {
            String type = Files.getFileStore(path).type().toLowerCase(Locale.ROOT);
            return type.isEmpty() || type.contains("overlay") || type.contains("aufs") || type.startsWith("fuse");
        } catch (IOException unknown) {
            return true;
        }
    }
}
