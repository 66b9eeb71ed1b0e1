package dev.penstock.store.internal.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The few system calls that Java lacks, all of them through {@code syscall(2)}: creating a method handle takes
 * milliseconds, and two are enough this way. If they are not available (another operating system, native access denied
 * to this module, no {@code /proc}), {@link #isAvailable} is false and callers use their slower portable way.
 *
 * <p>A call returns the kernel's result: a number, or a negative error number. A call that a signal interrupted is
 * repeated, except a force.
 *
 * <p>A mapped address is only ever handed to {@code madvise}, which answers EFAULT where a touch would be a fault; no
 * call here reads or writes mapped memory of the store.
 */
final class Posix {

    static final int ENOENT = 2;
    static final int EINTR = 4;
    static final int EAGAIN = 11;
    static final int ENOSPC = 28;
    static final int EDQUOT = 122;

    static final int MADV_NORMAL = 0;
    static final int MADV_RANDOM = 1;
    static final int MADV_WILLNEED = 3;
    private static final int MADV_DONTDUMP = 16;
    static final int MADV_HUGEPAGE = 14;
    static final int MADV_NOHUGEPAGE = 15;
    static final int MADV_POPULATE_READ = 22;
    static final int MADV_POPULATE_WRITE = 23;

    private static final String ARCHITECTURE = System.getProperty("os.arch");
    private static final boolean AARCH64 = ARCHITECTURE.equals("aarch64");

    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_CREAT = 0x40;
    static final int O_EXCL = 0x80;
    static final int O_NONBLOCK = 0x800;
    static final int O_DIRECTORY = AARCH64 ? 0x4000 : 0x10000;
    static final int O_NOFOLLOW = AARCH64 ? 0x8000 : 0x20000;
    static final int O_DIRECT = AARCH64 ? 0x10000 : 0x4000;
    private static final int O_CLOEXEC = 0x80000;

    private static final Charset PATH_CHARSET =
            Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"), StandardCharsets.UTF_8);

    private static final int EPERM = 1;
    private static final int EIO = 5;
    private static final int EACCES = 13;
    private static final int EEXIST = 17;
    private static final int ENOTDIR = 20;
    private static final int EISDIR = 21;
    private static final int EINVAL = 22;
    static final int ENFILE = 23;
    static final int EMFILE = 24;
    private static final int EROFS = 30;
    private static final int EMLINK = 31;
    private static final int ENAMETOOLONG = 36;
    private static final int ENOTEMPTY = 39;
    private static final int ELOOP = 40;
    private static final int ESTALE = 116;

    /** The directory that relative paths begin at. */
    static final int AT_FDCWD = -100;

    private static final int AT_REMOVEDIR = 0x200;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int F_SETPIPE_SZ = 1031;
    private static final int F_OFD_SETLK = 37;
    private static final short F_WRLCK = 1;
    private static final int LOCK_EXCLUSIVE_NONBLOCKING = 2 | 4;
    private static final int LOCK_UN = 8;
    private static final int SPLICE_F_MOVE_NONBLOCK = 1 | 2;
    private static final int MSG_MORE_DONTWAIT_NOSIGNAL = 0x8000 | 0x40 | 0x4000;
    private static final int PROT_READ = 1;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED_FIXED = 0x1 | 0x10;
    private static final int MAP_FIXED = 0x10;
    private static final int MAP_PRIVATE = 0x2;
    private static final int MAP_PRIVATE_ANONYMOUS_NORESERVE = MAP_PRIVATE | 0x20 | 0x4000;
    private static final long SHORTEST_PAGE = 4096;
    private static final long LONGEST_PAGE = 64 << 10;
    /** For tests: pages that are longer than those of this kernel. Calls are then checked as its kernel would do. */
    private static final @Nullable Long FORCED_PAGE = Long.getLong("penstock.pageLength");

    private static final int FILE_MODE = 0600;
    private static final int DIRECTORY_MODE = 0700;

    private static final boolean LINUX_64 = System.getProperty("os.name").equals("Linux")
            && ValueLayout.ADDRESS.byteSize() == Long.BYTES
            && (AARCH64 || ARCHITECTURE.equals("amd64"));

    /** Numbers of the system calls. */
    private enum Call {
        PREAD(17, 67),
        PWRITE(18, 68),
        SENDTO(44, 206),
        CLOSE(3, 57),
        MMAP(9, 222),
        MUNMAP(11, 215),
        MINCORE(27, 232),
        MADVISE(28, 233),
        FCNTL(72, 25),
        FLOCK(73, 32),
        FSYNC(74, 82),
        FDATASYNC(75, 83),
        FTRUNCATE(77, 46),
        OPENAT(257, 56),
        MKDIRAT(258, 34),
        UNLINKAT(263, 35),
        RENAMEAT(264, 38),
        LINKAT(265, 37),
        SPLICE(275, 76),
        FALLOCATE(285, 47),
        PIPE2(293, 59),
        STATX(332, 291);

        final long number;

        Call(int amd64, int aarch64) {
            number = AARCH64 ? aarch64 : amd64;
        }
    }

    private static final class Native {
        static final VarHandle ERRNO =
                Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));
        static final MethodHandle NUMBERS = handle(ValueLayout.JAVA_LONG);
        /** Its second argument is memory, which is kept alive as long as the call takes. */
        static final MethodHandle MEMORY = handle(ValueLayout.ADDRESS);

        static final MemorySegment NO_NAME = Arena.global().allocate(1);

        private Native() {}
    }

    @SuppressWarnings("restricted")
    private static MethodHandle handle(MemoryLayout second) {
        MemoryLayout number = ValueLayout.JAVA_LONG;
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(ValueLayout.JAVA_LONG, number, number, second, number, number, number, number),
                Linker.Option.firstVariadicArg(1),
                Linker.Option.captureCallState("errno"));
    }

    private static final class Availability {
        static final boolean GRANTED = !PortableMode.OF_PROCESS.isForced() && LINUX_64 && isGranted();

        private static boolean isGranted() {
            try {
                return Files.isDirectory(Path.of("/proc/self/fd"))
                        && Native.NUMBERS != null
                        && statx(AT_FDCWD, path(Arena.ofAuto(), "/")) != null;
            } catch (IllegalCallerException | LinkageError | UnsupportedOperationException denied) {
                System.getLogger(Posix.class.getName())
                        .log(System.Logger.Level.DEBUG, "no native access, taking the portable ways", denied);
                return false;
            }
        }
    }

    private Posix() {}

    /** Whether the calls below can be made. */
    static boolean isAvailable() {
        return Availability.GRANTED;
    }

    // --- the call ---

    private static long call(Call call, long first, long second, long third, long fourth, long fifth, long sixth) {
        CallMemory memory = CallMemory.take();
        MemorySegment state = memory.state;
        try {
            long result;
            do {
                result = (long)
                        Native.NUMBERS.invokeExact(state, call.number, first, second, third, fourth, fifth, sixth);
            } while (result < 0 && isAgain(call, state));
            return result != -1 ? result : -errno(state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        } finally {
            memory.giveBack();
        }
    }

    private static long call(Call call, long first, MemorySegment second, long third, long fourth, long fifth) {
        CallMemory memory = CallMemory.take();
        try {
            return call(memory.state, call, first, second, third, fourth, fifth);
        } finally {
            memory.giveBack();
        }
    }

    private static long call(
            MemorySegment state, Call call, long first, MemorySegment second, long third, long fourth, long fifth) {
        try {
            long result;
            do {
                result = (long) Native.MEMORY.invokeExact(state, call.number, first, second, third, fourth, fifth, 0L);
            } while (result < 0 && isAgain(call, state));
            return result >= 0 ? result : -errno(state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static boolean isAgain(Call call, MemorySegment state) {
        return errno(state) == EINTR && call != Call.CLOSE && call != Call.FSYNC && call != Call.FDATASYNC;
    }

    private static int errno(MemorySegment state) {
        return (int) Native.ERRNO.get(state, 0L);
    }

    /** The exception for an error number. */
    static IOException exception(long result, String action, Path path) {
        int error = (int) -result;
        String file = path.toString();
        return switch (error) {
            case ENOENT -> new NoSuchFileException(file);
            case EEXIST -> new FileAlreadyExistsException(file);
            case ENOTDIR -> new NotDirectoryException(file);
            case EACCES, EPERM -> new AccessDeniedException(file);
            case EMFILE, ENFILE -> new OutOfDescriptorsException(action, path);
            case ENOSPC, EDQUOT -> new DiskFullException(action + " " + path + ": " + text(error));
            default -> new FileSystemException(file, null, action + " failed: " + text(error));
        };
    }

    private static String text(int error) {
        return switch (error) {
            case EIO -> "Input/output error";
            case EISDIR -> "Is a directory";
            case EINVAL -> "Invalid argument";
            case ENOSPC -> "No space left on device";
            case EDQUOT -> "Disk quota exceeded";
            case EROFS -> "Read-only file system";
            case EMLINK -> "Too many links";
            case ENAMETOOLONG -> "File name too long";
            case ENOTEMPTY -> "Directory not empty";
            case ELOOP -> "Is a symbolic link";
            case ESTALE -> "Stale file handle";
            default -> "error " + error;
        };
    }

    // --- names ---

    /** Opens a file; the descriptor, which no child process inherits, or an error number below zero. */
    static int open(int directory, String name, int flags) {
        return (int) named(Call.OPENAT, directory, name, flags | O_CLOEXEC, FILE_MODE);
    }

    /** Opens a file by the bytes of its path. */
    static int open(int directory, byte[] path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) call(Call.OPENAT, directory, path(arena, path), flags | O_CLOEXEC, FILE_MODE, 0);
        }
    }

    static int mkdir(int directory, byte[] name) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) call(Call.MKDIRAT, directory, path(arena, name), DIRECTORY_MODE, 0, 0);
        }
    }

    static int unlink(int directory, String name) {
        return (int) named(Call.UNLINKAT, directory, name, 0, 0);
    }

    static int rmdir(int directory, String name) {
        return (int) named(Call.UNLINKAT, directory, name, AT_REMOVEDIR, 0);
    }

    static int rename(int directory, String from, int toDirectory, String to) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) named(
                    Call.RENAMEAT, directory, from, toDirectory, path(arena, to).address());
        }
    }

    static int link(int directory, String name, int toDirectory, String to) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) named(
                    Call.LINKAT, directory, name, toDirectory, path(arena, to).address());
        }
    }

    private static long named(Call call, int directory, String name, long third, long fourth) {
        try (Arena arena = Arena.ofConfined()) {
            return call(call, directory, path(arena, name), third, fourth, 0);
        }
    }

    /** In the encoding that Java's own calls use for paths. */
    static MemorySegment path(Arena arena, String path) {
        return path(arena, path.getBytes(PATH_CHARSET));
    }

    /** A path as calls want it, for as long as the arena lives. */
    static MemorySegment path(Arena arena, byte[] bytes) {
        MemorySegment memory = arena.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return memory;
    }

    // --- an open file ---

    static void close(int descriptor) {
        call(Call.CLOSE, descriptor, 0, 0, 0, 0, 0);
    }

    /** Makes a file's content durable; 0 or an error number below zero. Never made again after an error. */
    static int fdatasync(int descriptor) {
        return (int) call(Call.FDATASYNC, descriptor, 0, 0, 0, 0, 0);
    }

    /** Makes the names in a directory durable; 0 or an error number below zero. */
    static int fsync(int descriptor) {
        return (int) call(Call.FSYNC, descriptor, 0, 0, 0, 0, 0);
    }

    /** Gives a file real blocks up to a size; 0 or an error number below zero. */
    static int fallocate(int descriptor, long size) {
        return (int) call(Call.FALLOCATE, descriptor, 0, 0, size, 0, 0);
    }

    static int ftruncate(int descriptor, long size) {
        return (int) call(Call.FTRUNCATE, descriptor, size, 0, 0, 0, 0);
    }

    /** Reads into memory outside the heap; the bytes read, or an error number below zero. */
    static long pread(int descriptor, MemorySegment target, long offset) {
        return call(Call.PREAD, descriptor, target, target.byteSize(), offset, 0);
    }

    /** Writes memory outside the heap; the bytes written, or an error number below zero. */
    static long pwrite(int descriptor, MemorySegment source, long offset) {
        return call(Call.PWRITE, descriptor, source, source.byteSize(), offset, 0);
    }

    /**
     * Locks a whole file for this open description of it: the lock ends when that is closed, whatever else the process
     * opens and closes. It excludes locks of other processes, of either kind. 0 or an error number below zero.
     */
    static int lock(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            // struct flock: type, whence, start, length (0: to the end), process (0)
            MemorySegment flock = arena.allocate(32, Long.BYTES);
            flock.set(ValueLayout.JAVA_SHORT, 0, F_WRLCK);
            return (int) call(Call.FCNTL, descriptor, F_OFD_SETLK, flock.address(), 0, 0, 0);
        }
    }

    /** Locks a directory for this open description of it, against others who do the same. */
    static int lockDirectory(int descriptor) {
        return (int) call(Call.FLOCK, descriptor, LOCK_EXCLUSIVE_NONBLOCKING, 0, 0, 0, 0);
    }

    static void unlockDirectory(int descriptor) {
        call(Call.FLOCK, descriptor, LOCK_UN, 0, 0, 0, 0);
    }

    /** What is known about an open file; null where the kernel does not say. */
    static @Nullable FileStatus status(int descriptor) {
        return statx(descriptor, Native.NO_NAME, AT_EMPTY_PATH);
    }

    /**
     * What is known about the file that a path leads to now, symbolic links followed; null if there is none.
     *
     * @param path by {@link #path}
     */
    static @Nullable FileStatus statx(int directory, MemorySegment path) {
        return statx(directory, path, 0);
    }

    /** What is known about the file of a name, a symbolic link itself if it is one; null if there is none. */
    static @Nullable FileStatus statusOfName(int directory, String name) {
        try (Arena arena = Arena.ofConfined()) {
            return statusOfName(directory, path(arena, name));
        }
    }

    /**
     * The same.
     *
     * @param name by {@link #path}
     */
    static @Nullable FileStatus statusOfName(int directory, MemorySegment name) {
        return statx(directory, name, AT_SYMLINK_NOFOLLOW);
    }

    private static @Nullable FileStatus statx(int directory, MemorySegment path, int flags) {
        CallMemory memory = CallMemory.take();
        try {
            MemorySegment status = memory.status;
            long result = call(memory.state, Call.STATX, directory, path, flags, FileStatus.WANTED, status.address());
            return result == 0 ? new FileStatus(status) : null;
        } finally {
            memory.giveBack();
        }
    }

    // --- pipes ---

    /**
     * Makes a pipe that never blocks; its two ends, the one to read from first, or null if there is none to be had.
     *
     * @param capacity how much it should hold; the system may give less
     */
    static int @Nullable [] pipe(int capacity) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(ValueLayout.JAVA_INT, 2);
            if (call(Call.PIPE2, ends.address(), O_NONBLOCK | O_CLOEXEC, 0, 0, 0, 0) != 0) {
                return null;
            }
            int[] pipe = {ends.getAtIndex(ValueLayout.JAVA_INT, 0), ends.getAtIndex(ValueLayout.JAVA_INT, 1)};
            call(Call.FCNTL, pipe[1], F_SETPIPE_SZ, capacity, 0, 0, 0);
            return pipe;
        }
    }

    /**
     * Moves bytes between two descriptors of which one is a pipe's.
     *
     * @param fromOffset where to begin in a file, or -1 for what has no offsets
     * @param toOffset the same for the target
     * @return how many moved, or an error number below zero; {@link #EAGAIN} if now is not the time
     */
    static long splice(int from, long fromOffset, int to, long toOffset, long length) {
        try (Arena arena = Arena.ofConfined()) {
            return call(
                    Call.SPLICE,
                    from,
                    place(fromOffset, arena),
                    to,
                    place(toOffset, arena),
                    length,
                    SPLICE_F_MOVE_NONBLOCK);
        }
    }

    /**
     * Sends to a socket, and has the kernel wait for more before it sends a segment that is not full.
     *
     * @param bytes anonymous memory, which is kept alive by the caller
     * @return how many were taken, or an error number below zero; {@link #EAGAIN} if the socket is full
     */
    static long sendWithMore(int socket, MemorySegment bytes) {
        return call(Call.SENDTO, socket, bytes.address(), bytes.byteSize(), MSG_MORE_DONTWAIT_NOSIGNAL, 0, 0);
    }

    private static long place(long offset, Arena arena) {
        return offset < 0
                ? 0
                : arena.allocateFrom(ValueLayout.JAVA_LONG, offset).address();
    }

    // --- memory ---

    private static final class Pages {
        static final long LENGTH = FORCED_PAGE != null ? FORCED_PAGE : probe();

        /** The kernel refuses advice that does not begin with a page. */
        private static long probe() {
            long reserved = call(Call.MMAP, 0, 2 * LONGEST_PAGE, PROT_READ, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0);
            if (isError(reserved)) {
                return LONGEST_PAGE;
            }
            long aligned = reserved + LONGEST_PAGE - 1 & -LONGEST_PAGE;
            long length = SHORTEST_PAGE;
            while (length < LONGEST_PAGE
                    && call(Call.MADVISE, aligned + length, length, MADV_NORMAL, 0, 0, 0) == -EINVAL) {
                length <<= 1;
            }
            call(Call.MUNMAP, reserved, 2 * LONGEST_PAGE, 0, 0, 0, 0);
            return length;
        }
    }

    /** Bytes of a page of memory: 4, 16 or 64 KiB. */
    static long pageLength() {
        return Pages.LENGTH;
    }

    /** Advises the kernel about memory, in whole pages; 0 or an error number below zero. */
    static int madvise(long address, long length, int advice) {
        PageSpan pages = PageSpan.of(address, length, pageLength());
        return (int) call(Call.MADVISE, pages.begin(), pages.length(), advice, 0, 0, 0);
    }

    /** Whether all pages of a mapping, or of a part of one, are in memory. */
    static boolean isLoaded(MemorySegment mapping) {
        PageSpan pages = PageSpan.of(mapping.address(), mapping.byteSize(), pageLength());
        long count = pages.pageCount(pageLength());
        try (Arena arena = Arena.ofConfined()) {
            // A page that the kernel has may be shorter than one that a test forces.
            MemorySegment loaded = arena.allocate(pages.pageCount(SHORTEST_PAGE));
            long result = call(Call.MINCORE, pages.begin(), pages.length(), loaded.address(), 0, 0, 0);
            for (long page = 0; result == 0 && page < count; page++) {
                if ((loaded.get(ValueLayout.JAVA_BYTE, page) & 1) == 0) {
                    return false;
                }
            }
            return result == 0;
        }
    }

    /** Zeroed anonymous memory that takes no space until it is touched; released with the arena. */
    static MemorySegment mapAnonymous(long length, Arena arena) {
        long address = call(Call.MMAP, 0, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0);
        if (isError(address)) {
            throw new OutOfMemoryError("mmap of " + length + " bytes for the key directory failed");
        }
        return memory(address, length, arena);
    }

    /**
     * The beginning of a file as memory of this process's own, which shows the file where it was not stored to; null if
     * it cannot be mapped. The file need not be open for writing.
     */
    static @Nullable MemorySegment mapPrivate(int descriptor, long length, Arena arena) {
        long address = call(Call.MMAP, 0, length, PROT_READ_WRITE, MAP_PRIVATE, descriptor, 0);
        return isError(address) ? null : memory(address, length, arena);
    }

    /** Reserves addresses that read as zeros and take no memory; the first, or an error number below zero. */
    static long reserve(long length) {
        long address = call(Call.MMAP, 0, length, PROT_READ, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0);
        if (!isError(address)) {
            madvise(address, length, MADV_DONTDUMP);
        }
        return address;
    }

    /**
     * Puts zeroed memory in the place of what is mapped at an address; if false, nothing may be mapped there any more.
     */
    static boolean commit(long address, long length) {
        return fixed(address, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_NORESERVE | MAP_FIXED, -1);
    }

    /**
     * Puts the beginning of a file in the place of what is mapped at an address; if false, nothing may be mapped any
     * more.
     */
    static boolean mapShared(int descriptor, long address, long length, boolean writable) {
        return fixed(address, length, writable ? PROT_READ_WRITE : PROT_READ, MAP_SHARED_FIXED, descriptor);
    }

    /** Has addresses read as zeros again, whatever is mapped there; false, with nothing changed, if that fails. */
    static boolean clear(long address, long length) {
        boolean cleared = fixed(address, length, PROT_READ, MAP_PRIVATE_ANONYMOUS_NORESERVE | MAP_FIXED, -1);
        if (cleared) {
            madvise(address, length, MADV_DONTDUMP);
        }
        return cleared;
    }

    /** Atomic for other threads: a reader sees the old mapping or the new one. */
    private static boolean fixed(long address, long length, int protection, int flags, int descriptor) {
        if ((address & pageLength() - 1) != 0) {
            throw new IllegalArgumentException("no page of " + pageLength() + " bytes begins at " + address);
        }
        return call(Call.MMAP, address, length, protection, flags, descriptor, 0) == address;
    }

    private static boolean isError(long address) {
        return address < 0 && address > -4096;
    }

    @SuppressWarnings("restricted")
    private static MemorySegment memory(long address, long length, Arena arena) {
        return MemorySegment.ofAddress(address).reinterpret(length, arena, Posix::unmap);
    }

    private static void unmap(MemorySegment memory) {
        call(Call.MUNMAP, memory.address(), memory.byteSize(), 0, 0, 0, 0);
    }
}
