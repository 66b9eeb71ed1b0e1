package dev.penstock.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.server.LogLines;
import dev.penstock.server.command.IncidentLog.Kind;
import java.util.List;
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
}
