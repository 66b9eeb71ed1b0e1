package dev.penstock.tools.top;

import dev.penstock.tools.process.ExitHook;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;
import org.jspecify.annotations.Nullable;

/**
 * Shows a source on the terminal until the user types {@code q}. On a terminal that cannot move its cursor, frames are
 * printed one below the other. The terminal is restored at the end, also when a signal ends the process. One thread.
 */
public final class TopTerminal implements AutoCloseable {

    private static final double[] INTERVALS = {0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60};
    private static final int SORTS = 7;
    /** How often the size is looked at, and how long a key waits at most. */
    private static final long TICK_MILLIS = 100;

    private static final int USUAL_COLUMNS = 80;
    private static final String BOLD = "\033[1m";
    private static final String PLAIN = "\033[0m";
    private static final String CLEAR_REST_OF_LINE = "\033[K";

    private final Terminal terminal;
    private final boolean dumb;
    private final @Nullable Attributes original;
    private final Thread giveBack = new Thread(this::restore, "penstock-terminal");
    private double intervalSeconds;
    private int sort = -1;
    private boolean paused;
    private volatile boolean quit;

    private TopTerminal(Terminal terminal, double intervalSeconds) {
        this.terminal = terminal;
        this.intervalSeconds = intervalSeconds;
        this.dumb =
                terminal.getType().startsWith("dumb") || terminal.getStringCapability(Capability.cursor_home) == null;
        terminal.handle(Terminal.Signal.INT, _ -> quit = true);
        this.original = dumb ? null : terminal.enterRawMode();
        if (!dumb) {
            // If the JVM is ending already, nobody would do it later.
            quit = !ExitHook.add(giveBack);
            terminal.puts(Capability.enter_ca_mode);
            terminal.puts(Capability.cursor_invisible);
            if (quit) {
                restore();
            }
        }
    }

    /**
     * Takes over the terminal of this process.
     *
     * @param intervalSeconds between looks
     */
    public static TopTerminal open(double intervalSeconds) throws IOException {
        return new TopTerminal(
                TerminalBuilder.builder()
                        .name("penstock")
                        .system(true)
                        .dumb(true)
                        .build(),
                intervalSeconds);
    }

    /** Shows the source until the user has had enough. */
    public void run(TopSource source) throws IOException {
        TopFrame frame = source.next();
        // The first frame has no rates; the next one comes soon.
        long lookAt = System.nanoTime() + nanos(Math.min(intervalSeconds, 0.5));
        @Nullable Size shown = null;
        boolean changed = true;
        while (!quit) {
            Size size = size();
            if (!paused && System.nanoTime() - lookAt >= 0) {
                frame = source.next();
                lookAt = System.nanoTime() + nanos(intervalSeconds);
                changed = true;
            }
            if (changed || !dumb && !size.equals(shown)) {
                show(frame, size, !size.equals(shown));
                shown = size;
                changed = false;
            }
            long wait = Math.clamp(TimeUnit.NANOSECONDS.toMillis(lookAt - System.nanoTime()), 1, TICK_MILLIS);
            int key = terminal.reader().read(paused ? TICK_MILLIS : wait);
            if (key == -1) {
                quit = true;
            } else if (key != NonBlockingReader.READ_EXPIRED) {
                changed = press((char) key);
                lookAt = Math.min(lookAt, System.nanoTime() + nanos(intervalSeconds));
            }
        }
    }

    private static long nanos(double seconds) {
        return (long) (seconds * 1e9);
    }

    private Size size() {
        Size size = terminal.getSize();
        return size.getColumns() > 0 && size.getRows() > 0 ? size : new Size(USUAL_COLUMNS, 24);
    }

    /** Whether the key means something. */
    private boolean press(char key) {
        switch (key) {
            case 'q', 'Q', 3 -> quit = true;
            case 'p', ' ' -> paused = !paused;
            case 's' -> sort = sort + 1 < SORTS ? sort + 1 : -1;
            case '+' -> step(1);
            case '-' -> step(-1);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void step(int direction) {
        for (int i = 0; i < INTERVALS.length; i++) {
            double candidate = INTERVALS[direction > 0 ? i : INTERVALS.length - 1 - i];
            if (direction > 0 ? candidate > intervalSeconds : candidate < intervalSeconds) {
                intervalSeconds = candidate;
                return;
            }
        }
    }

    private String footer() {
        return "q quit   p pause   s sort: %s   +/- every %s s%s"
                .formatted(sort < 0 ? "as given" : "column " + (sort + 1), seconds(), paused ? "   PAUSED" : "");
    }

    private String seconds() {
        return intervalSeconds == Math.rint(intervalSeconds)
                ? String.format(Locale.ROOT, "%.0f", intervalSeconds)
                : Double.toString(intervalSeconds);
    }

    private void show(TopFrame frame, Size size, boolean anew) {
        if (dumb) {
            new TopScreen(size.getColumns(), 0, sort, "").lines(frame).forEach(terminal.writer()::println);
            terminal.writer().println();
            terminal.flush();
            return;
        }
        if (anew) {
            terminal.puts(Capability.clear_screen);
        }
        terminal.puts(Capability.cursor_home);
        List<String> lines = new TopScreen(size.getColumns(), size.getRows(), sort, footer()).lines(frame);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < lines.size(); i++) {
            boolean heading =
                    i == 0 || i == lines.size() - 1 || lines.get(i - 1).isEmpty();
            text.append(heading ? BOLD + lines.get(i) + PLAIN : lines.get(i));
            // In the last column the cursor waits on the last character, which must not be cleared.
            text.append(lines.get(i).length() < size.getColumns() ? CLEAR_REST_OF_LINE : "");
            text.append(i < lines.size() - 1 ? "\r\n" : "");
        }
        terminal.writer().print(text);
        terminal.flush();
    }

    private void restore() {
        terminal.puts(Capability.exit_ca_mode);
        terminal.puts(Capability.cursor_visible);
        terminal.flush();
        terminal.setAttributes(original);
    }

    @Override
    public void close() throws IOException {
        if (!dumb) {
            restore();
            try {
                Runtime.getRuntime().removeShutdownHook(giveBack);
            } catch (IllegalStateException e) {
                // The process is ending, and the hook does the same once more.
            }
        }
        terminal.close();
    }
}
