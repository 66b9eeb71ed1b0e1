package dev.penstock.store.internal.io;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Opens directories. All file operations of the store go through this interface and the {@link DiskDirectory} and
 * {@link DiskFile} that it returns, so that tests can replace it, let any call fail, or record the state that a power
 * cut would leave.
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
