package dev.penstock.store.internal.io;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The few system calls that Java has no word for. Where they cannot be had (another operating system, native access
 * denied to this module) {@link #isAvailable} says no and callers take their slower portable way.
 *
 * <p>A mapped address is only ever handed to {@code madvise}, which answers EFAULT where a touch would be a fault; no
 * call here reads or writes mapped memory.
 */
final class Posix {

    static final int EINTR = 4;
    static final int EAGAIN = 11;
    static final int ENOSPC = 28;
    static final int EDQUOT = 122;

    static final int MADV_NORMAL = 0;
    static final int MADV_RANDOM = 1;
    static final int MADV_WILLNEED = 3;
    static final int MADV_HUGEPAGE = 14;
    static final int MADV_NOHUGEPAGE = 15;
    static final int MADV_POPULATE_READ = 22;
    static final int MADV_POPULATE_WRITE = 23;

    private static final int O_RDONLY = 0;
    private static final int O_RDWR = 2;
    private static final boolean AARCH64 = System.getProperty("os.arch").equals("aarch64");
    private static final int O_NOFOLLOW = AARCH64 ? 0x8000 : 0x20000;
    private static final int O_CLOEXEC = 0x80000;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_DIRECT = AARCH64 ? 0x10000 : 0x4000;
    private static final int F_SETPIPE_SZ = 1031;
    private static final int SPLICE_F_MOVE_NONBLOCK = 1 | 2;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x2 | 0x20 | 0x4000;

    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final boolean LINUX_64 =
            System.getProperty("os.name").equals("Linux") && ValueLayout.ADDRESS.byteSize() == Long.BYTES;

    /** To make a handle takes milliseconds, so each is made when it is first needed. */
    private static final class Allocation {
        static final boolean AVAILABLE = isGranted();
        static final MethodHandle OPEN = handle(
                "open",
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                Linker.Option.firstVariadicArg(2));
        static final MethodHandle CLOSE =
                handle("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        static final MethodHandle FALLOCATE = handle(
                "fallocate",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG));
    }

    private static final class Synchronisation {
        static final MethodHandle FDATASYNC =
                handle("fdatasync", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        static final MethodHandle FSYNC =
                handle("fsync", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    }

    private static final class DirectReads {
        static final MethodHandle PREAD = handle(
                "pread",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG));
    }

    private static final class Splicing {
        static final MethodHandle PIPE =
                handle("pipe2", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
        static final MethodHandle FCNTL = handle(
                "fcntl",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
                Linker.Option.firstVariadicArg(2));
        static final MethodHandle SPLICE = handle(
                "splice",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT));
    }

    private static final class Advice {
        static final MethodHandle MADVISE = handle(
                "madvise",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
    }

    private static final class AnonymousMemory {
        static final MethodHandle MMAP = handle(
                "mmap",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_LONG));
        static final MethodHandle MUNMAP = handle(
                "munmap", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    }

    private Posix() {}

    /** Whether the calls below can be made. */
    static boolean isAvailable() {
        return LINUX_64 && Allocation.AVAILABLE;
    }

    private static boolean isGranted() {
        try {
            return handle("getpid", FunctionDescriptor.of(ValueLayout.JAVA_INT)) != null;
        } catch (IllegalCallerException denied) {
            System.getLogger(Posix.class.getName())
                    .log(System.Logger.Level.DEBUG, "no native access, taking the portable ways", denied);
            return false;
        }
    }

    /** Opens a file for reading and writing; the descriptor, or an error number below zero. */
    static int open(String path) {
        return open(path, O_RDWR | O_NOFOLLOW);
    }

    /** Opens a file for reading; the descriptor, or an error number below zero. */
    static int openForReading(String path) {
        return open(path, O_RDONLY | O_NOFOLLOW);
    }

    /** Opens a file for reads past the page cache; the descriptor, or an error number below zero. */
    static int openDirect(String path) {
        return open(path, O_RDONLY | O_NOFOLLOW | O_DIRECT);
    }

    private static int open(String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int descriptor = (int) Allocation.OPEN.invokeExact(state, arena.allocateFrom(path), flags | O_CLOEXEC);
            return descriptor >= 0 ? descriptor : -errno(state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static void close(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            int ignored = (int) Allocation.CLOSE.invokeExact(arena.allocate(STATE), descriptor);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Makes a file's content durable; returns 0 or the error number. Never made again after an error. */
    static int fdatasync(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int result = (int) Synchronisation.FDATASYNC.invokeExact(state, descriptor);
            return result == 0 ? 0 : errno(state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Makes the names in a directory durable; returns 0 or the error number. */
    static int syncDirectory(String path) {
        int descriptor = open(path, O_RDONLY);
        if (descriptor < 0) {
            return -descriptor;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int result = (int) Synchronisation.FSYNC.invokeExact(state, descriptor);
            return result == 0 ? 0 : errno(state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        } finally {
            close(descriptor);
        }
    }

    /** Gives a file real blocks up to a size; returns 0 or the error number. */
    static int fallocate(String path, long size) {
        int descriptor = open(path);
        if (descriptor < 0) {
            return -descriptor;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int result;
            do {
                result = (int) Allocation.FALLOCATE.invokeExact(state, descriptor, 0, 0L, size);
            } while (result < 0 && errno(state) == EINTR);
            return result == 0 ? 0 : errno(state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        } finally {
            close(descriptor);
        }
    }

    /** Reads into memory outside the heap that is not a file's; the bytes read, or an error number below zero. */
    static long pread(int descriptor, MemorySegment target, long offset) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long count;
            do {
                count = (long) DirectReads.PREAD.invokeExact(state, descriptor, target, target.byteSize(), offset);
            } while (count < 0 && errno(state) == EINTR);
            return count >= 0 ? count : -errno(state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /**
     * Makes a pipe that never blocks; its two ends, the one to read from first, or null if there is none to be had.
     *
     * @param capacity how much it should hold; the system may give less
     */
    static int[] pipe(int capacity) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment ends = arena.allocate(ValueLayout.JAVA_INT, 2);
            if ((int) Splicing.PIPE.invokeExact(state, ends, O_NONBLOCK | O_CLOEXEC) != 0) {
                return null;
            }
            int[] pipe = {ends.getAtIndex(ValueLayout.JAVA_INT, 0), ends.getAtIndex(ValueLayout.JAVA_INT, 1)};
            int ignored = (int) Splicing.FCNTL.invokeExact(state, pipe[1], F_SETPIPE_SZ, capacity);
            return pipe;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
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
            MemorySegment state = arena.allocate(STATE);
            MemorySegment fromPlace = place(fromOffset, arena);
            MemorySegment toPlace = place(toOffset, arena);
            long count;
            do {
                count = (long) Splicing.SPLICE.invokeExact(
                        state, from, fromPlace, to, toPlace, length, SPLICE_F_MOVE_NONBLOCK);
            } while (count < 0 && errno(state) == EINTR);
            return count >= 0 ? count : -errno(state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static MemorySegment place(long offset, Arena arena) {
        return offset < 0 ? MemorySegment.NULL : arena.allocateFrom(ValueLayout.JAVA_LONG, offset);
    }

    /** Advises the kernel about page-aligned memory; returns 0 or the error number. */
    static int madvise(long address, long length, int advice) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int result = (int) Advice.MADVISE.invokeExact(state, address, length, advice);
            return result == 0 ? 0 : errno(state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Zeroed anonymous memory that takes no room until it is touched; released with the arena. */
    @SuppressWarnings("restricted")
    static MemorySegment mapAnonymous(long length, Arena arena) {
        long address;
        try (Arena call = Arena.ofConfined()) {
            MemorySegment state = call.allocate(STATE);
            address = (long) AnonymousMemory.MMAP.invokeExact(
                    state, 0L, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0L);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
        if (address == -1) {
            throw new OutOfMemoryError("mmap of " + length + " bytes for the key directory failed");
        }
        return MemorySegment.ofAddress(address).reinterpret(length, arena, Posix::unmap);
    }

    private static void unmap(MemorySegment memory) {
        try (Arena call = Arena.ofConfined()) {
            int ignored =
                    (int) AnonymousMemory.MUNMAP.invokeExact(call.allocate(STATE), memory.address(), memory.byteSize());
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    @SuppressWarnings("restricted")
    private static MethodHandle handle(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        SymbolLookup lookup = linker.defaultLookup();
        Linker.Option[] all = java.util.Arrays.copyOf(options, options.length + 1);
        all[options.length] = Linker.Option.captureCallState("errno");
        return linker.downcallHandle(lookup.findOrThrow(name), descriptor, all);
    }
}
