package dev.penstock.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that a store may be writing to. */
public final class LiveFile {

    private LiveFile() {}

    /**
     * Copies a file as a kill could leave it: with reads from the front to the back. {@link Files#copy} may have the
     * kernel collect pages first and copy them later. Then a record may have its commit word, which is written last,
     * and zeros for a value.
     */
    public static void copy(Path file, Path target) throws IOException {
        Files.write(target, Files.readAllBytes(file));
    }
}
