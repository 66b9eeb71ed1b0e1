package dev.penstock.cluster.raft;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.ratis.util.ExitUtils;

/** What Ratis does to the process that it is loaded into, undone. */
final class RatisProcess {

    /** Kept, as the level of a logger that is collected is forgotten. */
    private static final Logger LOG = Logger.getLogger("org.apache.ratis");

    static {
        // It would end the process if the port is taken, and it would handle the exceptions of all threads.
        Thread.UncaughtExceptionHandler handler = Thread.getDefaultUncaughtExceptionHandler();
        ExitUtils.disableSystemExit();
        Thread.setDefaultUncaughtExceptionHandler(handler);
        // A change of leader has a dozen lines of warnings and a hundred of information. The program drops them all.
        // With a provider of SLF4J that goes to the JDK's log, errors remain, and another level shows more.
        if (LOG.getLevel() == null) {
            LOG.setLevel(Level.SEVERE);
        }
    }

    private RatisProcess() {}

    /** Returns when it is undone; the first call does that. */
    static void tame() {
        // The initializer of the class has done it.
    }
}
