package dev.penstock.bench.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** Folders for the stores under measurement: made below one parent, deleted with all that is in them. */
public final class DataDirectory {

    /**
     * The system property that names the parent; the build folder is the default, so that data lies on the same disk.
     */
    public static final String PARENT_PROPERTY = "penstock.bench.data";

    private DataDirectory() {}

    public static Path parent() {
        return Path.of(System.getProperty(PARENT_PROPERTY, "bench/target/data"));
    }

    public static Path create() {
        try {
            return Files.createTempDirectory(Files.createDirectories(parent()), "store-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes the folder and everything in it; it may be gone already. */
    public static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path folder, IOException failure) throws IOException {
                    Files.delete(folder);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
