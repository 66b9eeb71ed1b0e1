package dev.penstock.tools.console;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The current number of columns of the terminal on standard error, which its user may resize at any time. Asks the
 * kernel (ioctl TIOCGWINSZ, Linux). Without native access, or if the terminal does not know, it is the number at the
 * start. One thread.
 */
public final class TerminalWidth implements IntSupplier {

    private static final int STANDARD_ERROR = 2;
    private static final long TIOCGWINSZ = 0x5413;
    private static final int WINSIZE_LENGTH = 8;
    private static final int COLUMNS_OFFSET = 2;

    private final int atStart;
    private @Nullable MethodHandle ioctl;

    /** @param atStart 0 if standard error is no terminal */
    public TerminalWidth(int atStart) {
        this.atStart = atStart;
    }

    @Override
    public int getAsInt() {
        return atStart == 0 ? 0 : now();
    }

    private int now() {
        try (Arena arena = Arena.ofConfined()) {
            if (ioctl == null) {
                ioctl = link();
            }
            MemorySegment size = arena.allocate(WINSIZE_LENGTH, 2);
            int failed = (int) ioctl.invokeExact(STANDARD_ERROR, TIOCGWINSZ, size);
            int columns = Short.toUnsignedInt(size.get(ValueLayout.JAVA_SHORT, COLUMNS_OFFSET));
            return failed != 0 || columns == 0 ? atStart : columns;
        } catch (Throwable e) {
            return atStart;
        }
    }

    @SuppressWarnings("restricted") // called only where native access is allowed, and caught otherwise
    private static MethodHandle link() {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().find("ioctl").orElseThrow(),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS),
                Linker.Option.firstVariadicArg(2));
    }
}
