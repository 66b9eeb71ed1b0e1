package dev.penstock.store.internal.io;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The way to directories. Everything that the store does with files it does through here and through the {@link
 * DiskDirectory} and {@link DiskFile} that it leads to, so that a test can stand in for it, fail any call, or record
 * what a power cut would leave.
 *
 * <p>Implementations are thread-safe.
 */
public interface Disk {

    /**
     * Opens the directory that a path leads to now, symbolic links followed.
     *
     * @throws java.nio.file.NoSuchFileException if there is none
     * @throws java.nio.file.NotDirectoryException if it is something else
     */
    DiskDirectory openDirectory(Path path) throws IOException;
}
