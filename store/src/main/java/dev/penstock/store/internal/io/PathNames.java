package dev.penstock.store.internal.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * The names in a directory by its real path, where the system keeps no directory open (macOS, Windows). If the
 * directory is moved, they lead nowhere or to what has its path now: {@link PortableDirectory#checkPlace} notices that
 * before each change of an owner.
 *
 * <p>Where the rules are not POSIX's, a name that another process has open for a moment cannot be replaced meanwhile:
 * {@link #move} is repeated for a while, which an interrupt does not shorten.
 */
final class PathNames implements PortableNames {

    private static final int MOST_MOVES = 50;
    private static final long MOVE_PAUSE_NANOS = 20_000_000;

    private final Path directory;
    private final boolean posix;
    private final FileAttribute<?>[] fileMode;

    private PathNames(Path directory) {
        this.directory = directory;
        this.posix = FileModes.areKnownTo(directory);
        this.fileMode = FileModes.ofFile(directory);
    }

    static PathNames open(Path path) throws IOException {
        Path real = path.toRealPath();
        if (!Files.isDirectory(real)) {
            throw new NotDirectoryException(path.toString());
        }
        return new PathNames(real);
    }

    private Path resolve(String name) {
        Path resolved = directory.resolve(name);
        if (!directory.equals(resolved.getParent())) {
            throw new IllegalArgumentException("'" + name + "' is not the name of a file in a directory");
        }
        return resolved;
    }

    @Override
    public boolean arePosix() {
        return posix;
    }

    @Override
    public Object key() throws IOException {
        return keyOf(directory);
    }

    @Override
    public BasicFileAttributes attributes(String name) throws IOException {
        return Files.readAttributes(resolve(name), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    @SuppressWarnings("StreamResourceLeak") // namesIn closes the stream
    public List<String> list() throws IOException {
        return PortableNames.namesIn(
                OpenFiles.opening("listing", directory, () -> Files.newDirectoryStream(directory)));
    }

    @Override
    public FileChannel open(String name, Set<? extends OpenOption> options) throws IOException {
        return FileChannel.open(resolve(name), options, fileMode);
    }

    @Override
    public void move(String from, String to) throws IOException {
        Uninterrupted.Action move = () -> Files.move(resolve(from), resolve(to), StandardCopyOption.ATOMIC_MOVE);
        if (posix) {
            move.run();
        } else {
            repeatWhileRefused(move);
        }
    }

    /** Runs what another process may refuse for a moment, until it does not, or for a second. */
    static void repeatWhileRefused(Uninterrupted.Action move) throws IOException {
        try {
            move.run();
        } catch (AccessDeniedException refused) {
            // An interrupted thread would not pause between the attempts.
            Uninterrupted.run(() -> repeat(move));
        }
    }

    private static void repeat(Uninterrupted.Action move) throws IOException {
        for (int attempt = 1; ; attempt++) {
            LockSupport.parkNanos(MOVE_PAUSE_NANOS);
            try {
                move.run();
                return;
            } catch (AccessDeniedException refused) {
                if (attempt == MOST_MOVES) {
                    throw refused;
                }
            }
        }
    }

    @Override
    public void deleteFile(String name) throws IOException {
        Files.delete(resolve(name));
    }

    @Override
    public void deleteDirectory(String name) throws IOException {
        Files.delete(resolve(name));
    }

    @Override
    public PortableNames directory(String name) throws IOException {
        if (!attributes(name).isDirectory()) {
            throw new NotDirectoryException(resolve(name).toString());
        }
        return new PathNames(resolve(name));
    }

    @Override
    public void force() throws IOException {
        Uninterrupted.run(() -> forceDirectory(directory));
    }

    /** Forces a directory, if the system lets it be opened. */
    static void forceDirectory(Path directory) throws IOException {
        try (FileChannel channel =
                OpenFiles.opening("fsync of", directory, () -> FileChannel.open(directory, StandardOpenOption.READ))) {
            channel.force(true);
        } catch (AccessDeniedException notOpened) {
            if (FileModes.areKnownTo(directory)) {
                throw notOpened;
            }
        }
    }

    @Override
    public void close() {
        // nothing is open
    }
}
