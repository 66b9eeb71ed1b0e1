package dev.penstock.store.internal.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The real disk. Stateless. */
public final class PosixDisk implements Disk {

    private static final boolean PERMISSIONS =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    private static final FileAttribute<?>[] FILE_ATTRIBUTES = attributes("rw-------");
    private static final FileAttribute<?>[] DIRECTORY_ATTRIBUTES = attributes("rwx------");
    private static final Set<OpenOption> CREATE =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    private static final Set<OpenOption> READ = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> READ_WRITE =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    @Override
    public void createDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory, DIRECTORY_ATTRIBUTES);
        }
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (Stream<Path> entries = Files.list(directory)) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        }
        return names;
    }

    @Override
    public DiskFile create(Path path) throws IOException {
        try {
            return new PosixFile(path, FileChannel.open(path, CREATE, FILE_ATTRIBUTES), READ_WRITE);
        } catch (FileAlreadyExistsException taken) {
            throw taken;
        } catch (IOException e) {
            // A name needs room too, in its directory and for what describes the file.
            throw DiskFullException.orOther(e, path.getParent());
        }
    }

    @Override
    public DiskFile open(Path path, boolean writable) throws IOException {
        // Asked before opening: to open a pipe would wait for its other end.
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            throw Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                    ? new IOException(path + " is not a regular file")
                    : new java.nio.file.NoSuchFileException(path.toString());
        }
        Set<OpenOption> options = writable ? READ_WRITE : READ;
        return new PosixFile(path, FileChannel.open(path, options), options);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("the file system cannot rename " + from + " in one step", e);
        }
    }

    @Override
    public void delete(Path path) throws IOException {
        Files.deleteIfExists(path);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        if (Posix.isAvailable()) {
            int error = Posix.syncDirectory(directory.toString());
            if (error != 0) {
                throw new IOException("fsync of " + directory + ": error " + error);
            }
            return;
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static FileAttribute<?>[] attributes(String permissions) {
        return PERMISSIONS
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }
}
