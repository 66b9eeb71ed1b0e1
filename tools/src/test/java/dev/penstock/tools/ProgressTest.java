package dev.penstock.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProgressTest {

    private static final long TOTAL = 100 << 20;

    private final ByteArrayOutputStream terminal = new ByteArrayOutputStream();
    private long seconds;

    @Test
    void aBarWithRateAndTimeToGoAppearsAfterASecond() {
        try (Progress progress = progress(80)) {
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
        try (Progress progress = progress(80)) {
            progress.progress(10 << 20, TOTAL);
            progress.progress(TOTAL, TOTAL);
        }
        assertEquals("", terminal.toString(UTF_8));
    }

    @Test
    void whatIsNoTerminalSeesNoBar() {
        try (Progress progress = progress(0)) {
            seconds = 10;
            progress.progress(50 << 20, TOTAL);
        }
        assertEquals("", terminal.toString(UTF_8));
    }

    @Test
    void aTotalThatIsNotKnownIsNoObstacle() {
        try (Progress progress = progress(80)) {
            seconds = 10;
            progress.progress(50 << 20, -1);
        }
        assertTrue(terminal.toString(UTF_8).contains("50"), terminal.toString(UTF_8));
    }

    private Progress progress(int columns) {
        Console console =
                new Console(InputStream.nullInputStream(), OutputStream.nullOutputStream(), terminal, columns);
        return new Progress("verify", console, () -> TimeUnit.SECONDS.toNanos(seconds));
    }
}
