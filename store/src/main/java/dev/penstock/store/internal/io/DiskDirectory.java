package dev.penstock.store.internal.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * One open directory. It stays the directory that was opened, wherever its path leads later: names are resolved in it
 * alone. A name contains no slash, and a symbolic link is never followed.
 *
 * <p>Implementations are thread-safe. An interrupt does not disturb a call: the call completes, and the interrupt
 * status stays set.
 */
public interface DiskDirectory extends Closeable {

    /** The path that it was opened by, for messages. */
    Path path();

    /**
     * Whether the path still leads here, and not through another mount.
     *
     * @throws DirectoryLostException if not
     */
    void checkPlace() throws IOException;

    /** Names of the entries, in no order. */
    List<String> list() throws IOException;

    /**
     * Whether the first write to a file may put another file in its place, as on an overlay. A mapping that was made
     * before then shows the old file for good.
     */
    default boolean mayReplaceFiles() {
        return false;
    }

    /**
     * Length in bytes of the file of a name.
     *
     * @throws java.nio.file.NoSuchFileException if there is none
     */
    long length(String name) throws IOException;

    /** Makes a new empty file that only its owner may read; fails if the name is taken. */
    DiskFile create(String name) throws IOException;

    /**
     * Opens an existing regular file.
     *
     * @throws java.nio.file.NoSuchFileException if there is none
     */
    DiskFile open(String name, boolean writable) throws IOException;

    /** Gives a file or directory a new name, replacing what had it, in one step. */
    void rename(String from, String to) throws IOException;

    /** Removes a file; one that is not there is not an error. */
    void delete(String name) throws IOException;

    /**
     * Gives a file a second name, in this directory or another on the same disk.
     *
     * @throws java.nio.file.FileAlreadyExistsException if the name is taken
     */
    void link(String name, DiskDirectory target, String targetName) throws IOException;

    /**
     * Makes a directory that only its owner may enter; fails if the name is taken.
     *
     * @param name a path of one element, since the bytes of a path may be no text
     */
    void createDirectory(Path name) throws IOException;

    /** Opens a directory in this one. */
    DiskDirectory openDirectory(String name) throws IOException;

    /** Removes an empty directory; one that is not there is not an error. */
    void deleteDirectory(String name) throws IOException;

    /** Makes the names of the entries durable. */
    void force() throws IOException;

    /** Makes the directory's own name durable, if the process may open its parent. */
    void forceName() throws IOException;

    /**
     * Takes the one lock on this directory, which a file of this name stands for. The file is made if it is missing.
     *
     * @throws dev.penstock.store.StoreLockedException if it is held elsewhere, in this process or another
     */
    DiskLock lock(String name) throws IOException;

    /**
     * What the holder of the lock wrote to its file, or the last one did; empty if there is no such file. Does not
     * disturb the lock.
     */
    byte[] lockContent(String name) throws IOException;

    /**
     * Names what the page cache has been kept in, without a break, since whenever: another text after the machine has
     * stopped or the file system was mounted anew. Empty if that cannot be told.
     */
    String uptime();

    @Override
    void close() throws IOException;
}
