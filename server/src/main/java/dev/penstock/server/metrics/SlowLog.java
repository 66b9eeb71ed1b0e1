package dev.penstock.server.metrics;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.penstock.server.config.Settings;
import dev.penstock.server.resp.Request;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The latest slow commands, for SLOWLOG. A bounded part of each command is kept: its first arguments, and the
 * beginnings of those. Any thread; only slow commands take the lock.
 */
public final class SlowLog {

    private static final int KEPT_ARGUMENTS = 32;
    private static final int KEPT_LENGTH = 128;
    private static final long MOST_BYTES = 8L << 20;
    private static final int ENTRY_LENGTH = 200;
    private static final int STRING_LENGTH = 60;
    private static final String REDACTED = "(redacted)";

    public record SlowCommand(
            long id, long unixSeconds, long micros, List<String> arguments, String clientAddress, String clientName) {

        /** What it takes on the heap, about. */
        long bytes() {
            long bytes = (long) ENTRY_LENGTH + clientName.length();
            for (String argument : arguments) {
                bytes += STRING_LENGTH + argument.length();
            }
            return bytes;
        }
    }

    @GuardedBy("entries")
    private final ArrayDeque<SlowCommand> entries = new ArrayDeque<>(); // the latest first

    private final Settings settings;

    @GuardedBy("entries")
    private long nextId;

    @GuardedBy("entries")
    private long keptBytes;

    public SlowLog(Settings settings) {
        this.settings = settings;
    }

    /** Whether a command that took so long is to be noted. */
    public boolean isSlow(long nanos) {
        long threshold = settings.slowLogMicros();
        return threshold >= 0 && nanos / 1000 >= threshold;
    }

    /** Notes a command; the request is still whole. */
    public void note(Request request, long nanos, long unixMillis, String clientAddress, String clientName) {
        synchronized (entries) {
            List<String> kept = kept(request);
            entries.addFirst(
                    new SlowCommand(nextId++, unixMillis / 1000, nanos / 1000, kept, clientAddress, clientName));
            keptBytes += entries.getFirst().bytes();
            trim();
        }
    }

    @GuardedBy("entries")
    private void trim() {
        while (entries.size() > settings.slowLogLength() || keptBytes > MOST_BYTES) {
            keptBytes -= entries.removeLast().bytes();
        }
    }

    private static List<String> kept(Request request) {
        int count = Math.min(request.count(), KEPT_ARGUMENTS);
        int secret = firstSecret(request);
        int afterSecret = request.is(0, "auth") ? request.count() : secret + 2;
        List<String> kept = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            if (i == KEPT_ARGUMENTS - 1 && request.count() > KEPT_ARGUMENTS) {
                kept.add("... (" + (request.count() - i) + " more arguments)");
            } else if (i >= secret && i < afterSecret) {
                kept.add(REDACTED);
            } else {
                kept.add(kept(request, i));
            }
        }
        return kept;
    }

    /** AUTH takes a password, or a user and a password, also within HELLO. */
    private static int firstSecret(Request request) {
        if (request.is(0, "auth")) {
            return 1;
        }
        for (int i = 2; request.is(0, "hello") && i < request.count(); i++) {
            if (request.is(i, "auth")) {
                return i + 1;
            }
            if (request.is(i, "setname")) {
                i++;
            }
        }
        return request.count();
    }

    private static String kept(Request request, int index) {
        if (request.isStreamed(index)) {
            return "... (streamed)";
        }
        int more = request.length(index) - KEPT_LENGTH;
        String text = request.text(index, KEPT_LENGTH);
        return more > 0 ? text + "... (" + more + " more bytes)" : text;
    }

    /** The latest first. */
    public List<SlowCommand> latest(long count) {
        synchronized (entries) {
            trim();
            return entries.stream().limit(count).toList();
        }
    }

    public int length() {
        synchronized (entries) {
            trim();
            return entries.size();
        }
    }

    public void reset() {
        synchronized (entries) {
            entries.clear();
            keptBytes = 0;
        }
    }
}
