package dev.penstock.bench.instructions;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A process whose main thread executes machine code written here, of which every instruction is known: an endless loop
 * that counts a register down from {@link #TURNS}, moves {@link #MOVED} bytes by one instruction that repeats itself,
 * saves and restores the flags, and adds one to a word. It prints its place once it is in the loop: to get there by
 * single steps would take minutes.
 */
final class KnownLoop {

    static final int TURNS = 100;
    static final int MOVED = 50;

    /**
     * Load and add and jump, two for each turn, the three that prepare the move, the move, which counts once, and the
     * two that save and restore the flags.
     */
    static final int INSTRUCTIONS = 1 + 2 * TURNS + 3 + 1 + 2 + 1 + 1;

    private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();

    private static final int PAGE = 4096;
    private static final int READ_WRITE_EXECUTE = 7;
    private static final int PRIVATE_ANONYMOUS = 0x22;

    /** The word is at the address in rdi, room for the bytes behind it. */
    private static final int[] CODE = {
        0x48,
        0x89,
        0xFB, // mov rbx, rdi
        0xB9,
        TURNS,
        0,
        0,
        0, // loop: mov ecx, TURNS
        0xFF,
        0xC9, // turn: dec ecx
        0x75,
        0xFC, // jnz turn
        0x48,
        0x8D,
        0x73,
        0x40, // lea rsi, [rbx + 64]
        0x48,
        0x8D,
        0x7B,
        0x40, // lea rdi, [rbx + 64]
        0xB9,
        MOVED,
        0,
        0,
        0, // mov ecx, MOVED
        0xF3,
        0xA4, // rep movsb
        0x9C, // pushfq
        0x9D, // popfq
        0x48,
        0xFF,
        0x03, // inc qword [rbx]
        0xEB,
        0xE1 // jmp loop
    };

    private KnownLoop() {}

    @SuppressWarnings("restricted") // machine code is what this is for
    public static void main(String[] args) throws Throwable {
        Linker linker = Linker.nativeLinker();
        MemorySegment code = ((MemorySegment) linker.downcallHandle(
                                linker.defaultLookup().findOrThrow("mmap"),
                                FunctionDescriptor.of(
                                        ValueLayout.ADDRESS,
                                        ValueLayout.ADDRESS,
                                        ValueLayout.JAVA_LONG,
                                        ValueLayout.JAVA_INT,
                                        ValueLayout.JAVA_INT,
                                        ValueLayout.JAVA_INT,
                                        ValueLayout.JAVA_LONG))
                        .invokeExact(MemorySegment.NULL, (long) PAGE, READ_WRITE_EXECUTE, PRIVATE_ANONYMOUS, -1, 0L))
                .reinterpret(PAGE);
        for (int i = 0; i < CODE.length; i++) {
            code.set(ValueLayout.JAVA_BYTE, i, (byte) CODE[i]);
        }
        MemorySegment memory = Arena.global().allocate(PAGE);
        String place = thread() + " " + memory.address();
        Thread.ofPlatform().daemon().start(() -> {
            while ((long) WORD.getOpaque(memory, 0L) == 0) {
                Thread.onSpinWait();
            }
            System.out.println(place);
        });
        linker.downcallHandle(code, FunctionDescriptor.ofVoid(ValueLayout.ADDRESS))
                .invokeExact(memory);
    }

    private static String thread() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/thread-self"))
                .getFileName()
                .toString();
    }
}
