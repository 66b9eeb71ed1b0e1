package dev.penstock.store.internal.io;

/**
 * Pages of mapped files that the system cannot supply.
 *
 * <p>The JVM turns the signal into an {@link InternalError}. In the interpreter that is thrown where the page was
 * touched. In compiled code it is only noted, and thrown at the thread's next safepoint poll, which may be in the
 * caller of a method that was inlined: past the handler of the method that touched the page. So code that touches
 * mapped memory and handles the error calls {@link #deliver} inside the handler, after the last touch and before
 * anything that relies on the bytes read or stored.
 */
public final class PageFaults {

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
}
