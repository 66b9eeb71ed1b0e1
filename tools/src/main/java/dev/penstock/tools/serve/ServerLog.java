package dev.penstock.tools.serve;

import dev.penstock.tools.console.Failures;
import dev.penstock.tools.process.ToolException;
import java.io.PrintStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The log of a server, on standard error: one line for each event, or one JSON object. With JSON everything becomes an
 * event that the program, its libraries or the JDK print on standard error; the JVM's own last words do not. Installed
 * once, before anything is logged; then any thread.
 */
public final class ServerLog {

    private static final String MANAGER = "java.util.logging.manager";
    private static final String FORMAT = "java.util.logging.SimpleFormatter.format";

    /** The JDK forgets the level of a logger that nobody holds. */
    private static @Nullable Logger own;

    private final boolean json;
    private final java.util.logging.Level level;

    /** @param level the least level, as the setting {@code log-level} has it */
    public ServerLog(boolean json, String level) {
        this.json = json;
        this.level = switch (level) {
            case "error" -> java.util.logging.Level.SEVERE;
            case "warning" -> java.util.logging.Level.WARNING;
            case "debug" -> java.util.logging.Level.FINE;
            default -> java.util.logging.Level.INFO;
        };
    }

    static ServerLog plain() {
        return new ServerLog(false, "info");
    }

    /** A line of standard output in the format of the log, since a container mixes the two. */
    String shown(String line) {
        if (!json) {
            return line;
        }
        LogRecord event = new LogRecord(java.util.logging.Level.INFO, line);
        event.setLoggerName(Serve.class.getName());
        return new JsonLog().format(event).stripTrailing();
    }

    void install() {
        if (System.getProperty(MANAGER) == null) {
            // Not by a method of that class: its superclass looks for the property when it is initialized.
            System.setProperty(MANAGER, LastingLogManager.class.getName());
        }
        if (System.getProperty(FORMAT) == null) {
            System.setProperty(FORMAT, "%1$tFT%1$tT.%1$tL%1$tz %4$s %3$s: %5$s%6$s%n");
        }
        Logger root = Logger.getLogger("");
        Handler[] handlers = root.getHandlers();
        LastingLogManager.keepHandlers();
        if (!level.equals(java.util.logging.Level.INFO)) {
            setLevel(root, handlers);
        }
        if (json) {
            for (Handler handler : handlers) {
                handler.setFormatter(new JsonLog());
            }
            System.setErr(new PrintStream(new ErrorStream(), true, StandardCharsets.UTF_8));
        }
        Thread.setDefaultUncaughtExceptionHandler((thread, e) ->
                logger().log(Level.ERROR, "the thread " + thread.getName() + " ended by an exception", e));
    }

    /** A higher level holds for libraries too; a lower one is for this program alone. */
    private void setLevel(Logger root, Handler... handlers) {
        own = Logger.getLogger("dev.penstock");
        own.setLevel(level);
        if (level.intValue() > java.util.logging.Level.INFO.intValue()) {
            root.setLevel(level);
        }
        for (Handler handler : handlers) {
            handler.setLevel(level);
        }
    }

    private static System.Logger logger() {
        return System.getLogger(Serve.class.getName());
    }

    /** Notes a step in the life of the server. */
    void event(String text) {
        logger().log(Level.INFO, text);
    }

    /**
     * Notes what ended the server, if the log is JSON and there is something to say; otherwise the command line reports
     * it.
     *
     * @throws ToolException without a message, if it was noted here
     */
    void failed(Throwable e) {
        if (!json) {
            return;
        }
        Failures.Outcome outcome = Failures.outcome(e);
        if (!outcome.message().isEmpty()) {
            logger().log(Level.ERROR, outcome.message(), outcome.isDefect() ? e : null);
        }
        throw new ToolException(outcome.exitCode(), "", e);
    }
}
