package dev.penstock.tools.serve;

import java.util.logging.LogManager;

/**
 * Keeps the handlers of the log until the JVM has ended. That of the JDK closes them in a shutdown hook, beside the one
 * that stops the server, and what the server logs at its end would be lost. Any thread.
 */
public final class LastingLogManager extends LogManager {

    private volatile boolean lasting;

    /** For {@code java.util.logging}, which reads the class name from a system property. */
    public LastingLogManager() {}

    /** From now on {@link #reset} does nothing. Without effect if the JVM has another log manager. */
    static void keepHandlers() {
        if (LogManager.getLogManager() instanceof LastingLogManager own) {
            own.lasting = true;
        }
    }

    @Override
    public void reset() {
        if (!lasting) {
            super.reset();
        }
    }
}
