package dev.penstock.server.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.server.LogLines;
import dev.penstock.server.metrics.IncidentLog.Kind;
import java.util.List;
import java.util.logging.Filter;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** What clients can cause fills no disk, and nothing of it goes uncounted. */
class IncidentLogTest {

    private static final long STRETCH = IncidentLog.STRETCH_MILLIS;

    private final IncidentLog log = new IncidentLog();

    @Test
    void aFloodLeavesAFewLinesAndACount() {
        try (LogLines lines = new LogLines()) {
            for (int i = 0; i < 1_000_000; i++) {
                log.note(Kind.WRONG_PASSWORD, 1000, "guess " + i);
                log.tick(1000);
            }
            log.note(Kind.FAILED_HANDSHAKE, 1000, "another kind");
            assertEquals(IncidentLog.LINES, lines.with("guess").size());
            assertEquals(1, lines.with("another kind").size());
            log.tick(1000 + STRETCH - 1);
            assertEquals(IncidentLog.LINES, lines.with("guess").size());
            log.tick(1000 + STRETCH);
            log.tick(1000 + 2 * STRETCH);
            assertEquals(List.of("999995 more wrong passwords, the last: guess 999999"), lines.with("more"));
            log.note(Kind.WRONG_PASSWORD, 1000 + STRETCH, "later");
            assertEquals(1, lines.with("later").size());
        }
    }

    /** Without a tick between, the next line of the kind tells it. */
    @Test
    void whatWasLeftOutIsToldBeforeTheNextLine() {
        try (LogLines lines = new LogLines()) {
            for (int i = 0; i <= IncidentLog.LINES; i++) {
                log.note(Kind.REFUSED_COMMAND, -5, "refusal " + i);
            }
            log.note(Kind.REFUSED_COMMAND, STRETCH, "next");
            assertEquals(List.of("1 more commands refused to users, the last: refusal 5"), lines.with("more"));
            assertEquals(1, lines.with("next").size());
        }
    }

    /** A logger may fail, as for lack of a file descriptor; whoever wanted the line continues, and it is told later. */
    @Test
    void aLoggerThatFailsEndsNothing() {
        Logger logger = Logger.getLogger(IncidentLog.class.getName());
        boolean[] broken = {true};
        Filter failing = line -> {
            if (broken[0]) {
                throw new NoClassDefFoundError("a class of the logger's");
            }
            return true;
        };
        try (LogLines lines = new LogLines()) {
            logger.setFilter(failing);
            log.note(Kind.FAILED_ACCEPT, 1000, "first");
            log.note(Kind.FAILED_ACCEPT, 1000, "second");
            log.tick(1000 + STRETCH);
            broken[0] = false;
            log.tick(1000 + STRETCH);
            assertEquals(List.of("2 more failures to accept connections, the last: second"), lines.with(""));
        } finally {
            logger.setFilter(null);
        }
    }
}
