package dev.penstock.tools.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.tools.console.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/** The log as JSON Lines: one object for each event, whatever the message contains. */
final class JsonLog extends Formatter {

    @Override
    public String format(LogRecord event) {
        ObjectNode line = Json.MAPPER.createObjectNode();
        line.put("time", event.getInstant().toString());
        line.put("level", level(event.getLevel()));
        line.put("logger", event.getLoggerName());
        line.put("message", formatMessage(event));
        if (event.getThrown() != null) {
            line.put("exception", trace(event.getThrown()));
        }
        try {
            return Json.MAPPER.writeValueAsString(line) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // a tree of strings can be written
        }
    }

    /** An exception whose own methods fail is named, at least. */
    private static String trace(Throwable thrown) {
        StringWriter trace = new StringWriter();
        try {
            thrown.printStackTrace(new PrintWriter(trace));
            return trace.toString();
        } catch (RuntimeException | Error unprintable) {
            return thrown.getClass().getName();
        }
    }

    /** The names that the code uses, which java.util.logging has changed. */
    private static String level(Level level) {
        if (level.intValue() >= Level.SEVERE.intValue()) {
            return "error";
        }
        if (level.intValue() >= Level.WARNING.intValue()) {
            return "warning";
        }
        return level.intValue() >= Level.INFO.intValue() ? "info" : "debug";
    }
}
