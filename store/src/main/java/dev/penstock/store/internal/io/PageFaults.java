package dev.penstock.store.internal.io;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.BooleanSupplier;

/**
 * Pages of mapped files that the system cannot supply.
 *
 * <p>The JVM turns the signal into an {@link InternalError}. In the interpreter that is thrown where the page was
 * touched. In compiled code it is only noted, and thrown at the thread's next safepoint poll, which may be in the
 * caller of a method that was inlined: past the handler of the method that touched the page. So code that touches
 * mapped memory and handles the error calls {@link #deliver} inside the handler, after the last touch and before
 * anything that relies on the bytes read or stored.
 *
 * <p>For the same reason, an error that comes due in a method of the store may be of a page that its caller touched
 * before. A handler that would take it for one of the store is preceded by {@link #deliverCallers}, or finds out with
 * {@link #canRead} whose it is.
 */
public final class PageFaults {

    /** No system has shorter ones. */
    private static final int SHORTEST_PAGE = 4096;

    /** Two bits, which no compiler may count on: a loop that it knows the end of has no poll. */
    private static long rounds = 0b11;

    private PageFaults() {}

    /**
     * Throws the error of a page that this thread touched before, if one is due. Costs a few instructions and no call:
     * a loop of two rounds, which compilers and interpreter poll between. Where compiled code finds at its poll that an
     * error is due, it continues in the interpreter, at the same place, and that throws.
     */
    public static void deliver() {
        for (long left = rounds; left != 0; ) {
            left &= left - 1;
        }
    }

    /** Throws the error of a page that the caller touched, if it is due, before a handler takes it for its own. */
    public static void deliverCallers() {
        deliver();
    }

    /** Visits each page of a part of memory to find out whether all of it can be read: only after an error. */
    public static boolean canRead(MemorySegment memory, long offset, long length) {
        return isIntact(() -> {
            long end = offset + length;
            long visited = 0;
            for (long at = offset; at < end; at = next(at, end - 1)) {
                visited += memory.get(ValueLayout.JAVA_BYTE, at);
            }
            NativeMemory.keep(visited);
            return true;
        });
    }

    /** Whether a look at memory finds it intact, and no page of it lost. Memory that was released is not lost. */
    public static boolean isIntact(BooleanSupplier look) {
        try {
            boolean intact = look.getAsBoolean();
            deliver();
            return intact;
        } catch (InternalError lost) {
            return false;
        } catch (IllegalStateException released) {
            return true;
        }
    }

    /** The next place to visit: a page further, and the last byte in any case. */
    static long next(long at, long last) {
        return at == last ? last + 1 : Math.min(at + SHORTEST_PAGE, last);
    }
}
