package dev.penstock.tools.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What ends a server is an event of a log in JSON, unless there is nothing to say about it. */
class ServerLogTest {

    private static final Logger LOGGER = Logger.getLogger(Serve.class.getName());

    private final List<String> messages = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord event) {
            messages.add(event.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        LOGGER.setUseParentHandlers(false);
        LOGGER.addHandler(handler);
    }

    @AfterEach
    void stopListening() {
        LOGGER.removeHandler(handler);
        LOGGER.setUseParentHandlers(true);
    }

    private static int exitCode(Exception failure) {
        return assertThrows(ToolException.class, () -> new ServerLog(true, "info").failed(failure))
                .exitCode();
    }

    @Test
    void aFailureIsOneEvent() {
        assertEquals(ExitCode.IO, exitCode(new IOException("the disk is gone")));
        assertEquals(List.of("the disk is gone"), messages);
    }

    /** The reader of standard output is gone, as after {@code | head}. */
    @Test
    void aFailureWithoutAMessageIsNoEvent() {
        assertEquals(ExitCode.IO, exitCode(new IOException("Broken pipe")));
        assertEquals(ExitCode.USAGE, exitCode(new ToolException(ExitCode.USAGE, "")));
        assertEquals(List.of(), messages);
    }
}
