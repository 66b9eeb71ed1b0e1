package dev.penstock.tools.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** What a library prints on standard error becomes events, line by line. */
class ErrorStreamTest {

    private static final Logger STDERR = Logger.getLogger("stderr");

    @Test
    void eachLineIsAnEvent() {
        List<String> events = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord event) {
                events.add(event.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        STDERR.addHandler(handler);
        STDERR.setUseParentHandlers(false);
        try (PrintStream stream = new PrintStream(new ErrorStream(), true, StandardCharsets.UTF_8)) {
            stream.println("one \u00e9 {0}");
            stream.print("two\nthree\r\n\nrest");
            stream.print("x".repeat(100_000));
        } finally {
            STDERR.removeHandler(handler);
            STDERR.setUseParentHandlers(true);
        }
        assertEquals(List.of("one \u00e9 {0}", "two", "three"), events.subList(0, 3));
        assertEquals(5, events.size());
        assertEquals(100_004, events.get(3).length() + events.get(4).length());
    }
}
