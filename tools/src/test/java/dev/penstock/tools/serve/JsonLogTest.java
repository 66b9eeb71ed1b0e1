package dev.penstock.tools.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.tools.console.Json;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

/** Whatever a message or an exception holds, an event is one line that any JSON parser reads. */
class JsonLogTest {

    @Test
    void lineEndsAndQuotesStayInsideTheirLine() throws Exception {
        LogRecord event = new LogRecord(Level.SEVERE, "a \"quoted\"\nline and {0}");
        event.setParameters(new Object[] {"{\"forged\":true}\n"});
        event.setLoggerName("a.logger");
        event.setThrown(new IllegalStateException("bad\nluck"));
        String line = new JsonLog().format(event);
        assertEquals(line.length() - 1, line.indexOf('\n'), line);
        JsonNode parsed = Json.MAPPER.readTree(line);
        assertEquals("error", parsed.get("level").asText());
        assertEquals("a.logger", parsed.get("logger").asText());
        assertEquals(
                "a \"quoted\"\nline and {\"forged\":true}\n",
                parsed.get("message").asText());
        assertTrue(parsed.get("exception").asText().startsWith("java.lang.IllegalStateException: bad\nluck\n\tat "));
    }
}
