package dev.penstock.tools.load;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A directory in which a command may make a store, and which it leaves as it was if it fails.
 *
 * <p>No other process's store is ever removed. The file by which a store is recognized goes while the store is open, so
 * that nobody else can open it when its lock is released. The rest goes under that lock again, and only if no store has
 * been made in its place. What a kill leaves is no store that looks damaged, and {@link #removeRemains} removes it.
 * One thread.
 */
public final class NewStore {

    /** The names that a store gives its files; that of the lock, which goes last, is another. */
    private static final Pattern STORE_FILE = Pattern.compile("CHECKPOINT|[0-9]+\\.(log|value)|.+\\.tmp");

    private static final String IDENTITY = "STORE";
    private static final String LOCK = "LOCK";

    private final Path directory;
    private final boolean missing;
    private final boolean isNew;
    private boolean withdrawn;

    /** Whether a directory has the file by which a store is recognized. */
    public static boolean isStore(Path directory) {
        return Files.exists(directory.resolve(IDENTITY));
    }

    /** Looks at the directory before the store is opened. */
    public NewStore(Path directory) throws IOException {
        this.directory = directory;
        this.missing = !Files.exists(directory);
        this.isNew = missing || Files.isDirectory(directory) && files().isEmpty();
    }

    /** Whether the command makes the store. */
    public boolean isNew() {
        return isNew;
    }

    /** Whether the store is one that nobody can open again. */
    boolean isWithdrawn() {
        return withdrawn;
    }

    /** Makes the store, which must be open, one that nobody can open again. Does nothing if it is not new. */
    public void withdraw() throws IOException {
        if (isNew) {
            Files.deleteIfExists(directory.resolve(IDENTITY));
            withdrawn = true;
        }
    }

    /**
     * Removes the store, which must be closed, if it was withdrawn.
     *
     * @return false if some of it is left: it was not withdrawn, or another process has the directory
     */
    public boolean discard() throws IOException {
        if (!withdrawn || !removeRemains()) {
            return false;
        }
        if (missing) {
            try {
                Files.deleteIfExists(directory);
            } catch (DirectoryNotEmptyException e) {
                // Another process has put something else there.
            }
        }
        return true;
    }

    /**
     * Removes what an interrupted {@link #discard} has left. Does nothing if there is a store.
     *
     * @return false if another process has the directory
     */
    public boolean removeRemains() throws IOException {
        Path file = directory.resolve(LOCK);
        Object key;
        try {
            key = key(file);
        } catch (NoSuchFileException e) {
            // The lock goes last.
            return true;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            // A file of this name that was made since is the lock of another process.
            if (lock == null || !Objects.equals(key, key(file))) {
                return false;
            }
            if (!isStore(directory)) {
                for (Path each : files()) {
                    if (STORE_FILE.matcher(each.getFileName().toString()).matches()) {
                        Files.deleteIfExists(each);
                    }
                }
                Files.deleteIfExists(file);
            }
            return true;
        } catch (OverlappingFileLockException | NoSuchFileException e) {
            return false;
        }
    }

    private static Object key(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return attributes.fileKey() == null ? attributes.creationTime() : attributes.fileKey();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }
}
