package dev.penstock.server;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** The messages that the server logs while this is open. */
public final class LogLines implements AutoCloseable {

    private static final Logger SERVER = Logger.getLogger("dev.penstock.server");

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            lines.add(line.getMessage() + (line.getThrown() == null ? "" : " " + line.getThrown()));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    public LogLines() {
        SERVER.addHandler(handler);
        SERVER.setUseParentHandlers(false);
    }

    /** Those that contain a text. */
    public List<String> with(String text) {
        return lines.stream().filter(line -> line.contains(text)).toList();
    }

    @Override
    public void close() {
        SERVER.removeHandler(handler);
        SERVER.setUseParentHandlers(true);
    }
}
