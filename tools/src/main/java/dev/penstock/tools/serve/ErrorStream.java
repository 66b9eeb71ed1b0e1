package dev.penstock.tools.serve;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;

/**
 * Standard error of a program whose log is JSON: each line that something prints there becomes an event. Any thread; a
 * line that several threads write at once is torn as on any stream.
 */
final class ErrorStream extends OutputStream {

    /** Longer lines become several events. */
    private static final int MOST_BYTES = 64 << 10;

    private static final Logger LOG = System.getLogger("stderr");

    @GuardedBy("this")
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    @Override
    public synchronized void write(int b) {
        if (b == '\n' || line.size() == MOST_BYTES) {
            event();
        }
        if (b != '\n') {
            line.write(b);
        }
    }

    @GuardedBy("this")
    private void event() {
        String text = line.toString(StandardCharsets.UTF_8).stripTrailing();
        line.reset();
        if (!text.isEmpty()) {
            LOG.log(Level.WARNING, text);
        }
    }

    /** The rest of an unfinished line. */
    @Override
    public synchronized void close() {
        event();
    }
}
