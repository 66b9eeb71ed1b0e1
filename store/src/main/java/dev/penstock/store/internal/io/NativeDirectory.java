package dev.penstock.store.internal.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

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
        return of(path, absolutePath, OpenFiles.opening("opening", path, () -> {
            int number = Posix.open(Posix.AT_FDCWD, absolutePath, Posix.O_RDONLY | Posix.O_DIRECTORY);
            if (number < 0) {
                throw ErrorNumber.exception(number, "opening", path);
            }
            return new Descriptor(number);
        }));
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
        try {
            return descriptor.byPath(FileSystemType::isLayered);
        } catch (IOException closed) {
            return true;
        }
    }

    @Override
    public List<String> list() throws IOException {
        List<String> names = new ArrayList<>();
        try (Stream<Path> entries = OpenFiles.opening("listing", path, () -> descriptor.byPath(Files::list))) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        }
        return names;
    }

    @Override
    public long length(String name) throws IOException {
        FileStatus[] found = new FileStatus[1];
        descriptor.call(number -> {
            found[0] = Posix.statusOfName(number, EntryName.checked(name));
            return 0;
        });
        if (found[0] == null) {
            throw new NoSuchFileException(path.resolve(name).toString());
        }
        return found[0].size;
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
        return descriptor.call(directory -> {
                    FileStatus status = Posix.statusOfName(directory, EntryName.checked(name));
                    return status == null || status.isRegularFile() ? 1 : 0;
                })
                == 1;
    }

    private Descriptor descriptor(String action, String name, int flags) throws IOException {
        return OpenFiles.opening(action, path.resolve(name), () -> {
            long number = descriptor.call(directory -> Posix.open(directory, EntryName.checked(name), flags));
            return new Descriptor((int) check(number, action, name));
        });
    }

    @Override
    public void rename(String from, String to) throws IOException {
        check(
                descriptor.call(directory ->
                        Posix.rename(directory, EntryName.checked(from), directory, EntryName.checked(to))),
                "renaming",
                from);
    }

    @Override
    public void delete(String name) throws IOException {
        checkGone(descriptor.call(directory -> Posix.unlink(directory, EntryName.checked(name))), name);
    }

    @Override
    public void link(String name, DiskDirectory target, String targetName) throws IOException {
        if (!(target instanceof NativeDirectory other)) {
            throw new IOException(target.path() + " is on another disk than " + path);
        }
        long result = descriptor.call(directory -> {
            try {
                return other.descriptor.call(targetDirectory ->
                        Posix.link(directory, EntryName.checked(name), targetDirectory, EntryName.checked(targetName)));
            } catch (IOException closed) {
                return -ErrorNumber.ENOENT;
            }
        });
        if (result < 0) {
            throw ErrorNumber.exception(
                    result,
                    "linking " + path.resolve(name) + " to",
                    target.path().resolve(targetName));
        }
    }

    @Override
    public void createDirectory(Path name) throws IOException {
        EntryName.checked(name.toString());
        byte[] bytes = PathBytes.ofName(name);
        check(descriptor.call(directory -> Posix.mkdir(directory, bytes)), "creating", name.toString());
    }

    @Override
    public DiskDirectory openDirectory(String name) throws IOException {
        int flags = Posix.O_RDONLY | Posix.O_DIRECTORY | Posix.O_NOFOLLOW;
        Path inner = path.resolve(name);
        return of(inner, PathBytes.ofAbsolute(inner), descriptor("opening", name, flags));
    }

    @Override
    public void deleteDirectory(String name) throws IOException {
        checkGone(descriptor.call(directory -> Posix.rmdir(directory, EntryName.checked(name))), name);
    }

    @Override
    public void force() throws IOException {
        long result = descriptor.call(Posix::fsync);
        if (result < 0) {
            throw ErrorNumber.exception(result, "fsync of", path);
        }
    }

    @Override
    public void forceName() throws IOException {
        int number =
                (int) descriptor.call(directory -> Posix.open(directory, "..", Posix.O_RDONLY | Posix.O_DIRECTORY));
        if (number == -ErrorNumber.EMFILE || number == -ErrorNumber.ENFILE) {
            throw new OutOfDescriptorsException("forcing the name of", path);
        }
        if (number >= 0) {
            try (Descriptor parent = new Descriptor(number)) {
                check(parent.call(Posix::fsync), "fsync of", "..");
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
