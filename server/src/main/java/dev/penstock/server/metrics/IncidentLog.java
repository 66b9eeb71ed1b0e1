package dev.penstock.server.metrics;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Log lines that clients can cause. A few of each kind are written per period, and at its end a line that counts the
 * suppressed ones: no client fills the disk, and a server under attack still names the attacker. Its memory is
 * constant. It throws nothing: a line that the logger fails to write counts as suppressed. Any thread.
 */
public final class IncidentLog {

    /** Lines of one kind in one stretch. */
    static final int LINES = 5;

    static final long STRETCH_MILLIS = 10_000;

    private static final Logger LOG = System.getLogger(IncidentLog.class.getName());

    /** What happened. */
    public enum Kind {
        WRONG_PASSWORD("wrong passwords"),
        REFUSED_COMMAND("commands refused to users"),
        REFUSED_HOST("requests for the name of another host"),
        REFUSED_CLIENT("clients refused at a limit"),
        MEMORY_LIMIT("clients cut off at the memory limit"),
        FAILED_HANDSHAKE("failed TLS handshakes"),
        HTTP("connections that speak HTTP"),
        FAILED_COMMAND("failed commands"),
        BROKEN_CONNECTION("connections closed for an error"),
        FAILED_TURN("failed turns of event loops"),
        FAILED_LOG("failures of the log of the group"),
        FAILED_ACCEPT("failures to accept connections"),
        FAILED_PAGE("failures of the status page");

        private final String plural;

        Kind(String plural) {
            this.plural = plural;
        }
    }

    private static final class Stretch {
        private long beganMillis = Long.MIN_VALUE / 2; // long before any time
        private long lines;
        private long left;
        private @Nullable String last;
    }

    private final Map<Kind, Stretch> stretches = new EnumMap<>(Kind.class);
    private volatile boolean anyLeft;

    public IncidentLog() {
        for (Kind kind : Kind.values()) {
            stretches.put(kind, new Stretch());
        }
    }

    private Stretch stretch(Kind kind) {
        return Objects.requireNonNull(stretches.get(kind)); // there is one for each kind
    }

    /** @param text a whole line, with the client's address */
    public void note(Kind kind, long nowMillis, String text) {
        note(kind, nowMillis, Level.WARNING, text, null);
    }

    /** @param failure shown with its trace; null for none */
    public void note(Kind kind, long nowMillis, Level level, String text, @Nullable Throwable failure) {
        Stretch stretch = stretch(kind);
        synchronized (stretch) {
            if (nowMillis - stretch.beganMillis >= STRETCH_MILLIS) {
                tellLeft(kind, stretch);
                stretch.beganMillis = nowMillis;
                stretch.lines = 0;
            }
            stretch.lines++;
            if (stretch.lines > LINES || !isWritten(level, text, failure)) {
                stretch.left++;
                stretch.last = text;
                anyLeft = true;
            }
        }
    }

    private static boolean isWritten(Level level, String text, @Nullable Throwable failure) {
        try {
            LOG.log(level, text, failure);
            return true;
        } catch (RuntimeException | Error loggersOwn) {
            return false; // where to tell it?
        }
    }

    /** Tells how many lines were left out in stretches that are over. Costs nothing where there are none. */
    public void tick(long nowMillis) {
        if (!anyLeft) {
            return;
        }
        boolean more = false;
        for (Kind kind : Kind.values()) {
            Stretch stretch = stretch(kind);
            synchronized (stretch) {
                if (nowMillis - stretch.beganMillis >= STRETCH_MILLIS) {
                    tellLeft(kind, stretch);
                }
                more |= stretch.left > 0;
            }
        }
        anyLeft = more;
    }

    private static void tellLeft(Kind kind, Stretch stretch) {
        String text = stretch.left + " more " + kind.plural + ", the last: " + stretch.last;
        if (stretch.left > 0 && isWritten(Level.WARNING, text, null)) {
            stretch.left = 0;
            stretch.last = null;
        }
    }
}
