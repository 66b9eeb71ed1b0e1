package dev.penstock.bench.instructions;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A thread of another process that executes one instruction at a time. The other threads of its process run on. Used on
 * the platform thread that made it, see {@link Ptrace}.
 */
final class SteppedThread implements AutoCloseable {

    private static final int SIGTRAP = 5;

    private final int thread;
    private final Arena arena = Arena.ofConfined();
    private final Ptrace ptrace;
    private final FileChannel memory;
    private final ByteBuffer word = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private int pendingSignal;

    /**
     * Stops the thread.
     *
     * @param thread the kernel's number of the thread
     * @throws IOException if the thread cannot be traced
     */
    SteppedThread(int thread) throws IOException {
        this.thread = thread;
        ptrace = new Ptrace(arena);
        ptrace.seize(thread);
        ptrace.interrupt(thread);
        awaitStop();
        memory = FileChannel.open(Path.of("/proc", Integer.toString(thread), "mem"), StandardOpenOption.READ);
    }

    /**
     * Executes one instruction. A system call counts as one. A signal that arrives is delivered, and the instructions
     * of its handler are stepped like any others.
     *
     * @return the address of the next instruction
     */
    long step() throws IOException {
        ptrace.singleStep(thread, pendingSignal);
        awaitStop();
        return ptrace.instructionPointer(thread);
    }

    private void awaitStop() throws IOException {
        int status = ptrace.waitFor(thread);
        boolean stopped = (status & 0xFF) == 0x7F;
        if (!stopped) {
            throw new IOException("thread " + thread + " ended while its instructions were counted");
        }
        int signal = status >> 8 & 0xFF;
        boolean ofTheTracing = signal == SIGTRAP || status >> 16 != 0;
        pendingSignal = ofTheTracing ? 0 : signal;
    }

    /** The eight bytes at an address of the thread's process. */
    long readWord(long address) throws IOException {
        word.clear();
        if (memory.read(word, address) != Long.BYTES) {
            throw new EOFException("cannot read the memory of thread " + thread + " at 0x" + Long.toHexString(address));
        }
        return word.getLong(0);
    }

    /** Lets the thread run on. It should be in code of its own, and not in the JVM's that has saved the flags. */
    @Override
    public void close() throws IOException {
        try (arena;
                memory) {
            ptrace.clearTrapFlag(thread);
            ptrace.detach(thread);
        }
    }
}
