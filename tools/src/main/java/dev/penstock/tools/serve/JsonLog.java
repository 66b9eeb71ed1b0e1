package dev.penstock.tools.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.tools.console.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** The log as JSON Lines: one object an event, whatever the message holds. */
public final class JsonLog extends Formatter {

    /** Has everything that is logged from now on written so. */
    public static void install() {
        for (Handler handler : Logger.getLogger("").getHandlers()) {
            handler.setFormatter(new JsonLog());
        }
    }

    @Override
    public String format(LogRecord event) {
        ObjectNode line = Json.MAPPER.createObjectNode();
        line.put("time", event.getInstant().toString());
        line.put("level", level(event.getLevel()));
        line.put("logger", event.getLoggerName());
        line.put("message", formatMessage(event));
        if (event.getThrown() != null) {
            StringWriter trace = new StringWriter();
            event.getThrown().printStackTrace(new PrintWriter(trace));
            line.put("exception", trace.toString());
        }
        try {
            return Json.MAPPER.writeValueAsString(line) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // a tree of strings can be written
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
