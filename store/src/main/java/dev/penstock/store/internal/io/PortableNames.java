package dev.penstock.store.internal.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The names in one directory, by what the JDK offers: {@link OpenNames} where it can keep a directory open, and
 * otherwise {@link PathNames}. A name is one of {@link EntryName#checked}, and a symbolic link is never followed.
 * Implementations are thread-safe. An interrupt may disturb a call that returns a channel, and no other.
 */
interface PortableNames extends Closeable {

    /**
     * Whether the system has POSIX's rules for files: they have modes, an open or mapped one can be removed, replaced
     * and cut, and a directory can be forced. Elsewhere a change may be refused for as long as any process has the file
     * mapped or open.
     */
    boolean arePosix();

    /** What stands for the directory that is open: its file key, or its real path where files have no keys. */
    Object key() throws IOException;

    /** What stands for the directory that a path leads to now. */
    default Object keyOf(Path path) throws IOException {
        Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        return key != null ? key : path.toRealPath();
    }

    BasicFileAttributes attributes(String name) throws IOException;

    List<String> list() throws IOException;

    /** The names of all entries of a directory, whose listing is closed. */
    static List<String> namesIn(DirectoryStream<Path> listing) throws IOException {
        List<String> names = new ArrayList<>();
        try (listing) {
            listing.forEach(entry -> names.add(entry.getFileName().toString()));
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    /** Opens a file; one that is made can be read by its owner only, where files have modes. */
    FileChannel open(String name, Set<? extends OpenOption> options) throws IOException;

    /** Gives a file or directory another name, replacing what had it, in one step. */
    void move(String from, String to) throws IOException;

    void deleteFile(String name) throws IOException;

    void deleteDirectory(String name) throws IOException;

    PortableNames directory(String name) throws IOException;

    /** Makes the names durable. Where a directory cannot be forced, the file system alone decides when they are. */
    void force() throws IOException;
}
