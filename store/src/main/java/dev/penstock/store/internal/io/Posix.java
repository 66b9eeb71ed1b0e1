package dev.penstock.store.internal.io;

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
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The few system calls that Java lacks, all of them through {@code syscall(2)}: creating a method handle takes
 * milliseconds, and two are enough this way. If they are not available (another operating system, native access denied
 * to this module, no {@code /proc}), {@link #isAvailable} is false and callers use their slower portable way.
 *
 * <p>A call returns the kernel's result: a number, or a negative error number. A call that a signal interrupted is
 * repeated, except a force. No call here reads or writes mapped memory of the store.
 */
final class Posix {

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

    private static final int FILE_MODE = 0600;
    private static final int DIRECTORY_MODE = 0700;

    private static final boolean LINUX_64 = System.getProperty("os.name").equals("Linux")
            && ValueLayout.ADDRESS.byteSize() == Long.BYTES
            && (AARCH64 || ARCHITECTURE.equals("amd64"));

    /** Numbers of the system calls. */
    enum Call {
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

    /** Makes a call; its result, or a negative error number. */
    static long call(Call call, long first, long second, long third, long fourth, long fifth, long sixth) {
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
        return errno(state) == ErrorNumber.EINTR && call != Call.CLOSE && call != Call.FSYNC && call != Call.FDATASYNC;
    }

    private static int errno(MemorySegment state) {
        return (int) Native.ERRNO.get(state, 0L);
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
        return path(arena, bytes(path));
    }

    /** A name or a path in the same encoding. */
    static byte[] bytes(String path) {
        return path.getBytes(PATH_CHARSET);
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
     * @return how many moved, or an error number below zero; {@link ErrorNumber#EAGAIN} if now is not the time
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
     * @return how many were taken, or an error number below zero; {@link ErrorNumber#EAGAIN} if the socket is full
     */
    static long sendWithMore(int socket, MemorySegment bytes) {
        return call(Call.SENDTO, socket, bytes.address(), bytes.byteSize(), MSG_MORE_DONTWAIT_NOSIGNAL, 0, 0);
    }

    private static long place(long offset, Arena arena) {
        return offset < 0
                ? 0
                : arena.allocateFrom(ValueLayout.JAVA_LONG, offset).address();
    }
}
