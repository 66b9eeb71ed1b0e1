package dev.penstock.store.internal.io;

import dev.penstock.store.StoreLockedException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A directory by Java's own {@link SecureDirectoryStream}, for systems without native calls. */
final class PortableDirectory implements DiskDirectory {

    private static final FileAttribute<?> FILE_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<?> DIRECTORY_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final Set<OpenOption> READ = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> READ_WRITE =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> CREATE_NEW =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    private static final Path SELF = Path.of(".");

    private final Path path;
    private final SecureDirectoryStream<Path> stream;
    private final Object key;

    private PortableDirectory(Path path, SecureDirectoryStream<Path> stream) throws IOException {
        this.path = path;
        this.stream = stream;
        this.key = stream.getFileAttributeView(BasicFileAttributeView.class)
                .readAttributes()
                .fileKey();
    }

    @SuppressWarnings("StreamResourceLeak") // the directory closes it
    static PortableDirectory open(Path path) throws IOException {
        return of(path, OpenFiles.opening("opening", path, () -> Files.newDirectoryStream(path)));
    }

    private static PortableDirectory of(Path path, DirectoryStream<Path> opened) throws IOException {
        boolean kept = false;
        try {
            if (!(opened instanceof SecureDirectoryStream<Path> stream)) {
                throw new IOException("this system has no way to keep the directory " + path
                        + " open; Penstock needs Linux, with native access or without");
            }
            PortableDirectory directory = new PortableDirectory(path, stream);
            kept = true;
            return directory;
        } finally {
            if (!kept) {
                opened.close();
            }
        }
    }

    private static Path name(String name) {
        return Path.of(NativeDirectory.checked(name));
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public void checkPlace() throws IOException {
        BasicFileAttributes now;
        try {
            now = Files.readAttributes(path, BasicFileAttributes.class);
        } catch (IOException e) {
            throw new DirectoryLostException("the directory " + path
                    + " is not there any more: it was moved or removed, or" + " cannot be reached");
        }
        if (!key.equals(now.fileKey())) {
            throw new DirectoryLostException(
                    "the path " + path + " leads to another directory than the one that was opened:"
                            + " that one was moved, a symbolic link was changed, or something was mounted there");
        }
    }

    @Override
    public boolean mayReplaceFiles() {
        return FileSystemType.isLayered(path);
    }

    @Override
    public List<String> list() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries =
                OpenFiles.opening("listing", path, () -> stream.newDirectoryStream(SELF))) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        } catch (java.nio.file.DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    BasicFileAttributes attributes(String name) throws IOException {
        try {
            return stream.getFileAttributeView(name(name), BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .readAttributes();
        } catch (NoSuchFileException e) {
            throw new NoSuchFileException(path.resolve(name).toString());
        }
    }

    FileChannel channel(String name, boolean writable) throws IOException {
        return OpenFiles.opening("opening", path.resolve(name), () ->
                (FileChannel) stream.newByteChannel(name(name), writable ? READ_WRITE : READ));
    }

    @Override
    public long length(String name) throws IOException {
        return attributes(name).size();
    }

    @Override
    public DiskFile create(String name) throws IOException {
        try {
            FileChannel channel = OpenFiles.opening("creating", path.resolve(name), () ->
                    (FileChannel) stream.newByteChannel(name(name), CREATE_NEW, FILE_MODE));
            return new PortableFile(this, name, channel, true);
        } catch (FileAlreadyExistsException taken) {
            throw new FileAlreadyExistsException(path.resolve(name).toString());
        } catch (IOException e) {
            // A name needs room too, in its directory and for what describes the file.
            throw DiskFullException.orOther(e, path);
        }
    }

    @Override
    public DiskFile open(String name, boolean writable) throws IOException {
        // Asked before opening: to open a pipe would wait for its other end.
        if (!attributes(name).isRegularFile()) {
            throw new IOException(path.resolve(name) + " is not a regular file");
        }
        return new PortableFile(this, name, channel(name, writable), writable);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        stream.move(name(from), stream, name(to));
    }

    @Override
    public void delete(String name) throws IOException {
        try {
            stream.deleteFile(name(name));
        } catch (NoSuchFileException gone) {
            // as it is to be
        }
    }

    @Override
    public void link(String name, DiskDirectory target, String targetName) throws IOException {
        checkPlace();
        target.checkPlace();
        Files.createLink(target.path().resolve(name(targetName)), path.resolve(name(name)));
    }

    @Override
    public void createDirectory(Path name) throws IOException {
        NativeDirectory.checked(name.toString());
        checkPlace();
        Files.createDirectory(path.resolve(name), DIRECTORY_MODE);
    }

    @Override
    public DiskDirectory openDirectory(String name) throws IOException {
        Path inner = path.resolve(name);
        return of(
                inner,
                OpenFiles.opening(
                        "opening", inner, () -> stream.newDirectoryStream(name(name), LinkOption.NOFOLLOW_LINKS)));
    }

    @Override
    public void deleteDirectory(String name) throws IOException {
        try {
            stream.deleteDirectory(name(name));
        } catch (NoSuchFileException gone) {
            // as it is to be
        }
    }

    @Override
    public void force() throws IOException {
        Uninterrupted.run(() -> {
            try (FileChannel channel =
                    OpenFiles.opening("fsync of", path, () -> (FileChannel) stream.newByteChannel(SELF, READ))) {
                channel.force(true);
            }
        });
    }

    @Override
    public void forceName() throws IOException {
        checkPlace();
        Path parent = path.toRealPath().getParent();
        if (parent != null && Files.isReadable(parent)) {
            Uninterrupted.run(() -> {
                try (FileChannel channel = FileChannel.open(parent, StandardOpenOption.READ)) {
                    channel.force(true);
                }
            });
        }
    }

    @Override
    public DiskLock lock(String name) throws IOException {
        String own = String.valueOf(key);
        LocksHere.claim(own, path);
        FileChannel channel = null;
        PortableLock held = null;
        try {
            channel = (FileChannel) stream.newByteChannel(
                    name(name),
                    Set.of(
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            LinkOption.NOFOLLOW_LINKS),
                    FILE_MODE);
            if (!attributes(name).isRegularFile()) {
                throw new IOException(path.resolve(name) + " is not a regular file");
            }
            if (channel.tryLock() == null) {
                throw new StoreLockedException(path + " is in use by another process; only one may write to it");
            }
            held = new PortableLock(this, name, own, channel);
            return held;
        } catch (OverlappingFileLockException e) {
            throw new StoreLockedException(path + " is already open in this process");
        } finally {
            if (held == null) {
                if (channel != null) {
                    channel.close();
                }
                LocksHere.release(own);
            }
        }
    }

    @Override
    public byte[] lockContent(String name) throws IOException {
        return LocksHere.content(this, String.valueOf(key), name);
    }

    @Override
    public String uptime() {
        // Java does not tell one mount from the next.
        return "";
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
