package dev.penstock.tools.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProgressDisplayTest {

    private static final String CLEAR = "\033[J";
    private static final long TOTAL = 100 << 20;

    private final ByteArrayOutputStream terminal = new ByteArrayOutputStream();
    private long seconds;
    private int columns;

    @Test
    void aBarWithRateAndTimeToGoAppearsAfterASecond() {
        try (ProgressDisplay progress = progress(80)) {
            progress.progress(10 << 20, TOTAL);
            assertEquals("", terminal.toString(UTF_8), "too early");
            seconds = 2;
            progress.progress(50 << 20, TOTAL);
        }
        String shown = terminal.toString(UTF_8);
        assertTrue(shown.contains("verify"), shown);
        assertTrue(shown.contains("50/100 MiB"), shown);
        assertTrue(shown.contains("MiB/s"), shown);
        assertTrue(shown.contains(" / 0:00:"), shown);
        for (String line : shown.split("[\r\n]", -1)) {
            assertTrue(line.length() <= 80, line);
        }
    }

    @Test
    void whatEndsWithinASecondShowsNothing() {
        try (ProgressDisplay progress = progress(80)) {
            progress.progress(10 << 20, TOTAL);
            progress.progress(TOTAL, TOTAL);
        }
        assertEquals("", terminal.toString(UTF_8));
    }

    @Test
    void whatIsNoTerminalSeesNoBar() {
        try (ProgressDisplay progress = progress(0)) {
            seconds = 10;
            progress.progress(50 << 20, TOTAL);
        }
        assertEquals("", terminal.toString(UTF_8));
    }

    @Test
    void aTotalThatIsNotKnownIsNoObstacle() {
        try (ProgressDisplay progress = progress(80)) {
            seconds = 10;
            progress.progress(50 << 20, -1);
        }
        assertTrue(terminal.toString(UTF_8).contains("50"), terminal.toString(UTF_8));
    }

    /** A line that is wider than the terminal would leave a piece of itself behind each time it is drawn. */
    @Test
    void theBarFollowsATerminalThatIsResized() {
        try (ProgressDisplay progress = progress(100)) {
            seconds = 2;
            progress.progress(10 << 20, TOTAL);
            awaitLine(progress, 100);
            columns = 50;
            awaitLine(progress, 50);
            String narrow = terminal.toString(UTF_8);
            for (String line : narrow.substring(narrow.lastIndexOf(CLEAR)).split("[\r\n]", -1)) {
                assertTrue(line.replace(CLEAR, "").length() <= 50, line);
            }
            columns = 120;
            awaitLine(progress, 120);
        }
    }

    /** Goes on until a line of that width has been drawn. */
    private void awaitLine(ProgressDisplay progress, int width) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        for (int mib = 0; !hasLine(width); mib = (mib + 1) % 100) {
            progress.progress((long) mib << 20, TOTAL);
            assertTrue(System.nanoTime() < deadline, () -> width + ": " + terminal.toString(UTF_8));
        }
    }

    private boolean hasLine(int width) {
        String[] lines = terminal.toString(UTF_8).split("[\r\n]", -1);
        return lines[lines.length - 1].replace(CLEAR, "").length() == width;
    }

    private ProgressDisplay progress(int width) {
        columns = width;
        Console console =
                new Console(InputStream.nullInputStream(), OutputStream.nullOutputStream(), terminal, () -> columns);
        return new ProgressDisplay("verify", console, () -> TimeUnit.SECONDS.toNanos(seconds));
    }
}
