package dev.penstock.store.internal.io;

/**
 * Pages of mapped files that the system cannot supply.
 *
 * <p>The JVM turns the signal into an {@link InternalError}. In the interpreter that is thrown where the page was touched.
 * In compiled code it is only noted, and thrown at the thread's next safepoint poll, which may be in the caller of a method
 * that was inlined: past the handler of the method that touched the page. So whoever touches mapped memory and handles the
 * error calls {@link #deliver} inside the handler, behind the last touch, and before anything that relies on what was read
 * or stored.
 */
public final class PageFaults {

    /** Of a method that calls itself the compilers inline one call, and not the next. */
    private static final int CALLS = 3;

    private PageFaults() {}

    /**
     * Throws the error of a page that this thread touched before, if one is due. Costs a call that is not inlined: it ends
     * with a safepoint poll, behind which the handlers are the caller's.
     */
    public static void deliver() {
        call(CALLS);
    }

    private static void call(int depth) {
        if (depth > 0) {
            call(depth - 1);
        }
    }
}
