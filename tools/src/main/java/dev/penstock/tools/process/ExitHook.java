package dev.penstock.tools.process;

/** Registers an action that the JVM runs when it exits. */
public final class ExitHook {

    private ExitHook() {}

    /**
     * Registers a thread that the JVM starts, and waits for, when it ends.
     *
     * @return false if the JVM is ending already, for example by a signal that came a moment ago; the thread is then
     *     never started, and the caller does what it would have done
     */
    public static boolean add(Thread hook) {
        try {
            Runtime.getRuntime().addShutdownHook(hook);
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }
}
