package dev.penstock.store.internal.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A directory by its descriptor, on Linux. */
final class NativeDirectory implements DiskDirectory {

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private final Path path;
    /** As the file system has it: what Java shows of a path as text may lead to another file. */
    private final MemorySegment absolutePath;

    private final Descriptor descriptor;
    private final FileStatus opened;

    private NativeDirectory(Path path, byte[] absolutePath, Descriptor descriptor, FileStatus opened) {
        this.path = path;
        this.absolutePath = Posix.path(Arena.ofAuto(), absolutePath);
        this.descriptor = descriptor;
        this.opened = opened;
    }

    static NativeDirectory open(Path path) throws IOException {
        // Not normalised: beyond a symbolic link ".." is the parent of what it leads to.
        byte[] absolutePath = PathBytes.ofAbsolute(path);
        int flags = Posix.O_RDONLY | Posix.O_DIRECTORY;
        return of(path, absolutePath, Descriptor.open(Posix.AT_FDCWD, absolutePath, flags, "opening", path));
    }

    private static NativeDirectory of(Path path, byte[] absolutePath, Descriptor descriptor) throws IOException {
        try {
            return new NativeDirectory(path, absolutePath, descriptor, descriptor.status());
        } catch (IOException e) {
            descriptor.close();
            throw e;
        }
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public void checkPlace() throws IOException {
        FileStatus now = Posix.statx(Posix.AT_FDCWD, absolutePath);
        if (now == null) {
            throw new DirectoryLostException("the directory " + path
                    + " is not there any more: it was moved or removed, or" + " cannot be reached");
        }
        if (!opened.isSameFile(now) || opened.uniqueMount != now.uniqueMount) {
            throw new DirectoryLostException(
                    "the path " + path + " leads to another directory than the one that was opened:"
                            + " that one was moved, a symbolic link was changed, or something was mounted there");
        }
    }

    @Override
    public boolean mayReplaceFiles() {
        try (Descriptor.Use directory = descriptor.use()) {
            return FileSystemType.isLayered(directory.path());
        } catch (IOException closed) {
            return true;
        }
    }

    @Override
    public List<String> list() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = OpenFiles.opening("listing", path, new Listing())) {
            for (Path entry : entries) {
                names.add(entry.getFileName().toString());
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    private final class Listing implements OpenFiles.Opening<DirectoryStream<Path>> {

        @Override
        @SuppressWarnings("StreamResourceLeak") // list() closes it
        public DirectoryStream<Path> open() throws IOException {
            try (Descriptor.Use directory = descriptor.use()) {
                return Files.newDirectoryStream(directory.path());
            }
        }
    }

    @Override
    public long length(String name) throws IOException {
        FileStatus found = status(name);
        if (found == null) {
            throw new NoSuchFileException(path.resolve(name).toString());
        }
        return found.size;
    }

    private @Nullable FileStatus status(String name) throws IOException {
        EntryName.checked(name);
        try (Descriptor.Use directory = descriptor.use()) {
            return Posix.statusOfName(directory.number(), name);
        }
    }

    @Override
    public DiskFile create(String name) throws IOException {
        int flags = Posix.O_RDWR | Posix.O_CREAT | Posix.O_EXCL | Posix.O_NOFOLLOW;
        return new NativeFile(path.resolve(name), descriptor("creating", name, flags));
    }

    @Override
    public DiskFile open(String name, boolean writable) throws IOException {
        Path file = path.resolve(name);
        // Never waits: to open a pipe would do so for its other end.
        int flags = (writable ? Posix.O_RDWR : Posix.O_RDONLY) | Posix.O_NOFOLLOW | Posix.O_NONBLOCK;
        if (!isRegularOrMissing(name)) {
            throw new IOException(file + " is not a regular file");
        }
        Descriptor opening = descriptor("opening", name, flags);
        try {
            if (!opening.status().isRegularFile()) {
                throw new IOException(file + " is not a regular file");
            }
        } catch (IOException e) {
            opening.close();
            throw e;
        }
        return new NativeFile(file, opening);
    }

    private boolean isRegularOrMissing(String name) throws IOException {
        FileStatus status = status(name);
        return status == null || status.isRegularFile();
    }

    private Descriptor descriptor(String action, String name, int flags) throws IOException {
        byte[] bytes = Posix.bytes(EntryName.checked(name));
        try (Descriptor.Use directory = descriptor.use()) {
            return Descriptor.open(directory.number(), bytes, flags, action, path.resolve(name));
        }
    }

    @Override
    public void rename(String from, String to) throws IOException {
        EntryName.checked(from);
        EntryName.checked(to);
        try (Descriptor.Use directory = descriptor.use()) {
            check(Posix.rename(directory.number(), from, directory.number(), to), "renaming", from);
        }
    }

    @Override
    public void delete(String name) throws IOException {
        EntryName.checked(name);
        try (Descriptor.Use directory = descriptor.use()) {
            checkGone(Posix.unlink(directory.number(), name), name);
        }
    }

    @Override
    public void link(String name, DiskDirectory target, String targetName) throws IOException {
        if (!(target instanceof NativeDirectory other)) {
            throw new IOException(target.path() + " is on another disk than " + path);
        }
        EntryName.checked(name);
        EntryName.checked(targetName);
        try (Descriptor.Use directory = descriptor.use();
                Descriptor.Use targetDirectory = other.descriptor.use()) {
            long result = Posix.link(directory.number(), name, targetDirectory.number(), targetName);
            if (result < 0) {
                throw ErrorNumber.exception(
                        result,
                        "linking " + path.resolve(name) + " to",
                        target.path().resolve(targetName));
            }
        }
    }

    @Override
    public void createDirectory(Path name) throws IOException {
        EntryName.checked(name.toString());
        byte[] bytes = PathBytes.ofName(name);
        try (Descriptor.Use directory = descriptor.use()) {
            check(Posix.mkdir(directory.number(), bytes), "creating", name.toString());
        }
    }

    @Override
    public DiskDirectory openDirectory(String name) throws IOException {
        int flags = Posix.O_RDONLY | Posix.O_DIRECTORY | Posix.O_NOFOLLOW;
        Path inner = path.resolve(name);
        return of(inner, PathBytes.ofAbsolute(inner), descriptor("opening", name, flags));
    }

    @Override
    public void deleteDirectory(String name) throws IOException {
        EntryName.checked(name);
        try (Descriptor.Use directory = descriptor.use()) {
            checkGone(Posix.rmdir(directory.number(), name), name);
        }
    }

    @Override
    public void force() throws IOException {
        try (Descriptor.Use directory = descriptor.use()) {
            long result = Posix.fsync(directory.number());
            if (result < 0) {
                throw ErrorNumber.exception(result, "fsync of", path);
            }
        }
    }

    @Override
    public void forceName() throws IOException {
        int number;
        try (Descriptor.Use directory = descriptor.use()) {
            number = Posix.open(directory.number(), "..", Posix.O_RDONLY | Posix.O_DIRECTORY);
        }
        if (ErrorNumber.isOutOfDescriptors(number)) {
            throw new OutOfDescriptorsException("forcing the name of", path);
        }
        if (number >= 0) {
            try (Descriptor parent = new Descriptor(number);
                    Descriptor.Use directory = parent.use()) {
                check(Posix.fsync(directory.number()), "fsync of", "..");
            }
        }
    }

    @Override
    public DiskLock lock(String name) throws IOException {
        return NativeLock.acquire(this, descriptor, opened.key(), EntryName.checked(name));
    }

    @Override
    public byte[] lockContent(String name) throws IOException {
        return LocksHere.content(this, opened.key(), EntryName.checked(name));
    }

    @Override
    public String uptime() {
        String boot = bootId();
        return boot.isEmpty() || opened.uniqueMount == 0 ? "" : boot + "\nmount " + opened.uniqueMount + '\n';
    }

    private static String bootId() {
        try {
            return new String(Files.readAllBytes(BOOT_ID), StandardCharsets.US_ASCII).strip();
        } catch (IOException unknown) {
            return "";
        }
    }

    private long check(long result, String action, String name) throws IOException {
        if (result < 0) {
            throw ErrorNumber.exception(result, action, path.resolve(name));
        }
        return result;
    }

    private void checkGone(long result, String name) throws IOException {
        if (result != -ErrorNumber.ENOENT) {
            check(result, "removing", name);
        }
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
