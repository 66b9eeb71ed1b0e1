package dev.penstock.bench.instructions;

import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The calls {@code ptrace} and {@code waitpid} of Linux on x86-64, without a C compiler. The kernel accepts calls about
 * a traced thread from the one native thread that seized it: use an instance on one platform thread only.
 */
final class Ptrace {

    private static final int PEEK_USER = 3;
    private static final int POKE_USER = 6;
    private static final int SINGLE_STEP = 9;
    private static final int DETACH = 17;
    private static final int SEIZE = 0x4206;
    private static final int INTERRUPT = 0x4207;

    /** Of {@code waitpid}: threads count as well as processes. */
    private static final int WAIT_ALL = 0x40000000;

    /** Where {@code struct user} keeps the instruction pointer. */
    private static final long INSTRUCTION_POINTER_OFFSET = 16 * Long.BYTES;

    /** Where it keeps the flags. */
    private static final long FLAGS_OFFSET = 18 * Long.BYTES;

    /** The flag that has the processor trap after each instruction. */
    private static final long TRAP_FLAG = 0x100;

    private static final int EINTR = 4;

    private static final AddressLayout ADDRESS = ValueLayout.ADDRESS;
    private static final VarHandle ERRNO =
            Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private final MethodHandle ptrace;
    private final MethodHandle waitpid;
    private final MemorySegment state;
    private final MemorySegment status;

    /** @throws IOException if this is not Linux on x86-64 */
    @SuppressWarnings("restricted") // the calls below are what this class is for
    Ptrace(Arena arena) throws IOException {
        if (!isSupported()) {
            throw new IOException("instructions can be counted on Linux on x86-64 only; this is "
                    + System.getProperty("os.name") + " on " + System.getProperty("os.arch"));
        }
        Linker linker = Linker.nativeLinker();
        Linker.Option errno = Linker.Option.captureCallState("errno");
        ptrace = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("ptrace"),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ADDRESS, ADDRESS),
                errno,
                Linker.Option.firstVariadicArg(1));
        waitpid = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("waitpid"),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                errno);
        state = arena.allocate(Linker.Option.captureStateLayout());
        status = arena.allocate(ValueLayout.JAVA_INT);
    }

    static boolean isSupported() {
        return System.getProperty("os.name").equals("Linux")
                && System.getProperty("os.arch").equals("amd64");
    }

    /** Begins to trace a thread without stopping it. */
    void seize(int thread) throws IOException {
        long result = call(SEIZE, thread, 0, 0);
        if (result < 0) {
            throw new IOException("the kernel refused to trace thread " + thread + " (ptrace: errno " + errno()
                    + "): containers need the capability SYS_PTRACE,"
                    + " and /proc/sys/kernel/yama/ptrace_scope must be 0 or 1");
        }
    }

    /** Stops a traced thread; {@link #waitFor} tells when it has stopped. */
    void interrupt(int thread) throws IOException {
        check("interrupt", call(INTERRUPT, thread, 0, 0));
    }

    /** Lets a stopped thread execute one instruction, after it has been given the signal if that is not 0. */
    void singleStep(int thread, int signal) throws IOException {
        check("single step", call(SINGLE_STEP, thread, 0, signal));
    }

    /** Address of the instruction that a stopped thread executes next. */
    long instructionPointer(int thread) throws IOException {
        return register(thread, INSTRUCTION_POINTER_OFFSET);
    }

    private long register(int thread, long offset) throws IOException {
        long value = call(PEEK_USER, thread, offset, 0);
        if (value == -1) {
            throw new IOException("ptrace: cannot read the registers of thread " + thread + ", errno " + errno());
        }
        return value;
    }

    /**
     * Ends single steps. The JVM saves the flags at a safepoint by {@code pushf}, which shows the trap flag while a
     * thread is stepped. When {@code popf} sets it again, the kernel takes it for the thread's own and leaves it set:
     * the thread would trap once it is detached, and its process end.
     */
    void clearTrapFlag(int thread) throws IOException {
        long flags = register(thread, FLAGS_OFFSET);
        check("clearing of the trap flag", call(POKE_USER, thread, FLAGS_OFFSET, flags & ~TRAP_FLAG));
    }

    /** Lets a stopped thread run on, untraced. */
    void detach(int thread) throws IOException {
        check("detach", call(DETACH, thread, 0, 0));
    }

    /**
     * Waits until a traced thread has stopped.
     *
     * @return the status as {@code waitpid} gives it
     */
    int waitFor(int thread) throws IOException {
        try {
            int result;
            do {
                result = (int) waitpid.invokeExact(state, thread, status, WAIT_ALL);
            } while (result < 0 && errno() == EINTR);
            check("wait", result);
            return status.get(ValueLayout.JAVA_INT, 0);
        } catch (Throwable e) {
            throw asIOException(e);
        }
    }

    private long call(int request, int thread, long address, long data) throws IOException {
        try {
            return (long) ptrace.invokeExact(
                    state, request, thread, MemorySegment.ofAddress(address), MemorySegment.ofAddress(data));
        } catch (Throwable e) {
            throw asIOException(e);
        }
    }

    private void check(String what, long result) throws IOException {
        if (result < 0) {
            throw new IOException("ptrace: " + what + " failed with errno " + errno());
        }
    }

    private int errno() {
        return (int) ERRNO.get(state, 0L);
    }

    private static IOException asIOException(Throwable e) {
        return e instanceof IOException known ? known : new IOException(e);
    }
}
