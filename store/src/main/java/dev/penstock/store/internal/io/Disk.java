package dev.penstock.store.internal.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Files and directories as the store needs them. Every change of the store's files goes through here, so that a test
 * can stand in for it, fail any call, or record what a power cut would leave.
 *
 * <p>Implementations are thread-safe.
 */
public interface Disk {

    /** Makes a directory that only its owner may enter; parents too. One that exists is left as it is. */
    void createDirectory(Path directory) throws IOException;

    /** Names of the entries of a directory, in no order. */
    List<String> list(Path directory) throws IOException;

    /** Makes a new empty file that only its owner may read; fails if the name is taken. */
    DiskFile create(Path path) throws IOException;

    /** Opens an existing regular file, never through a symbolic link. */
    DiskFile open(Path path, boolean writable) throws IOException;

    /** Gives a file a new name, replacing what had it, in one step. */
    void rename(Path from, Path to) throws IOException;

    /** Removes a file; one that is not there is no error. */
    void delete(Path path) throws IOException;

    /** Makes the names of a directory's entries durable. */
    void forceDirectory(Path directory) throws IOException;
}
