package dev.penstock.store.internal.io;

import dev.penstock.store.StoreLockedException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Set;

/**
 * A directory by the JDK alone: no system call is made besides the JDK's own. It works on {@link PortableNames}, which
 * differ by what the system offers.
 *
 * <p><b>Identity.</b> A file is known by its file key. Where files have none (Windows), its path stands for it: there,
 * a file that is open or mapped keeps its name, and so does every directory above it.
 *
 * <p><b>Restarts.</b> The JDK does not tell one mount, or one start of the machine, from the next. {@link #uptime} is
 * therefore empty, and recovery checks everything that a power cut may have left.
 */
final class PortableDirectory implements DiskDirectory {

    private static final Set<OpenOption> READ = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> READ_WRITE =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> CREATE_NEW =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    private static final Set<OpenOption> LOCK = Set.of(
            StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    /**
     * The byte that is locked, far behind the content: where locks are mandatory, others could not read the content
     * otherwise. A lock of the whole file excludes it too.
     */
    private static final long LOCKED_BYTE = 1L << 62;

    private final Path path;
    private final PortableNames names;
    private final RefusedDeletions refused;
    private final Object key;

    PortableDirectory(Path path, PortableNames names) throws IOException {
        this.path = path;
        this.names = names;
        this.refused = new RefusedDeletions(names);
        this.key = names.key();
    }

    static PortableDirectory open(Path path) throws IOException {
        PortableNames names = PortableMode.OF_PROCESS == PortableMode.FORCED_BY_PATH ? null : OpenNames.open(path);
        return of(path, names != null ? names : PathNames.open(path));
    }

    private static PortableDirectory of(Path path, PortableNames opened) throws IOException {
        boolean kept = false;
        try {
            PortableDirectory directory = new PortableDirectory(path, opened);
            kept = true;
            return directory;
        } finally {
            if (!kept) {
                opened.close();
            }
        }
    }

    /** The same for the same file, and for no other one as long as it is open or mapped. */
    Object fileKey(String name) throws IOException {
        Object fileKey = attributes(name).fileKey();
        return fileKey != null ? fileKey : List.of(key, name);
    }

    /** See {@link PortableNames#arePosix}. */
    boolean isPosix() {
        return names.arePosix();
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public void checkPlace() throws IOException {
        refused.retry();
        Object now;
        try {
            now = names.keyOf(path);
        } catch (IOException e) {
            throw new DirectoryLostException("the directory " + path
                    + " is not there any more: it was moved or removed, or" + " cannot be reached");
        }
        if (!key.equals(now)) {
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
        refused.retry();
        return names.list().stream().filter(name -> !refused.contains(name)).toList();
    }

    private BasicFileAttributes attributes(String name) throws IOException {
        try {
            if (!refused.contains(name)) {
                return names.attributes(EntryName.checked(name));
            }
        } catch (NoSuchFileException e) {
            // with a path instead of a name
        }
        throw new NoSuchFileException(path.resolve(name).toString());
    }

    FileChannel channel(String name, boolean writable) throws IOException {
        return OpenFiles.opening(
                "opening", path.resolve(name), () -> names.open(EntryName.checked(name), writable ? READ_WRITE : READ));
    }

    @Override
    public long length(String name) throws IOException {
        return attributes(name).size();
    }

    @Override
    public DiskFile create(String name) throws IOException {
        refused.release(EntryName.checked(name));
        try {
            FileChannel channel = OpenFiles.opening("creating", path.resolve(name), () -> names.open(name, CREATE_NEW));
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
        refused.release(EntryName.checked(to));
        names.move(EntryName.checked(from), to);
    }

    @Override
    public void delete(String name) throws IOException {
        refused.retry();
        refused.delete(EntryName.checked(name));
    }

    @Override
    public void link(String name, DiskDirectory target, String targetName) throws IOException {
        checkPlace();
        target.checkPlace();
        Path link = target.path().resolve(EntryName.checked(targetName));
        try {
            Files.createLink(link, path.resolve(EntryName.checked(name)));
        } catch (UnsupportedOperationException e) {
            throw new IOException("the file system of " + link + " has no hard links", e);
        }
    }

    @Override
    public void createDirectory(Path name) throws IOException {
        EntryName.checked(name.toString());
        checkPlace();
        Files.createDirectory(path.resolve(name), FileModes.ofDirectory(path));
    }

    @Override
    public DiskDirectory openDirectory(String name) throws IOException {
        Path inner = path.resolve(EntryName.checked(name));
        return of(inner, OpenFiles.opening("opening", inner, () -> names.directory(name)));
    }

    @Override
    public void deleteDirectory(String name) throws IOException {
        try {
            names.deleteDirectory(EntryName.checked(name));
        } catch (NoSuchFileException gone) {
            // as it is to be
        }
    }

    @Override
    public void force() throws IOException {
        refused.retry();
        names.force();
    }

    @Override
    public void forceName() throws IOException {
        checkPlace();
        Path parent = path.toRealPath().getParent();
        if (parent != null && Files.isReadable(parent)) {
            Uninterrupted.run(() -> PathNames.forceDirectory(parent));
        }
    }

    @Override
    public DiskLock lock(String name) throws IOException {
        String own = String.valueOf(key);
        LocksHere.claim(own, path);
        FileChannel channel = null;
        PortableLock held = null;
        try {
            channel = names.open(EntryName.checked(name), LOCK);
            if (!attributes(name).isRegularFile()) {
                throw new IOException(path.resolve(name) + " is not a regular file");
            }
            FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
            if (lock == null) {
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
        return "";
    }

    @Override
    public void close() throws IOException {
        refused.retryAll();
        names.close();
    }
}
