package dev.penstock.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.LogLines;
import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestClock;
import dev.penstock.server.TestServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A defect that shows in a turn of an event loop is logged, and ends at most the client that it concerns. */
class FailedTurnTest {

    private static final Logger CONNECTIONS = Logger.getLogger("dev.penstock.server.net.Connection");

    @TempDir
    Path directory;

    /** Fails where the server does not expect it. */
    private static final class FailingHandler extends Handler {

        @Override
        public void publish(LogRecord line) {
            if (line.getMessage().contains("timed out")) {
                throw new IllegalStateException("a defect");
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @Test
    void aTimerThatFailsClosesItsClientAloneAndIsLoggedWithTheAddress() throws Exception {
        TestClock clock = new TestClock();
        ServerOptions options = ServerOptions.defaults().withIdleTimeout(Duration.ofSeconds(60));
        Handler handler = new FailingHandler();
        CONNECTIONS.setLevel(Level.FINE);
        CONNECTIONS.addHandler(handler);
        try (LogLines log = new LogLines();
                TestServer server = new TestServer(directory, options, clock);
                RespClient idle = server.client();
                RespClient other = server.client()) {
            String address = idle.call("CLIENT", "INFO").replaceFirst("(?s).* addr=(\\S+) .*", "$1");
            clock.advance(Duration.ofSeconds(59));
            assertEquals("+PONG\r\n", other.call("PING"));
            clock.advance(Duration.ofSeconds(59));
            server.wake();
            assertEquals("", idle.untilClosed());
            assertEquals("+PONG\r\n", other.call("PING"));
            List<String> lines = log.with("closed the connection of ");
            assertEquals(
                    List.of("closed the connection of " + address + " java.lang.IllegalStateException: a defect"),
                    lines);
        } finally {
            CONNECTIONS.removeHandler(handler);
            CONNECTIONS.setLevel(null);
        }
    }

    @Test
    void aTurnThatFailsIsLoggedAFewTimesAndEndsNobody() throws Exception {
        AtomicInteger failures = new AtomicInteger();
        NanoClock clock = () -> {
            if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new IllegalStateException("a defect");
            }
            return SystemNanoClock.INSTANCE.nanoTime();
        };
        try (LogLines log = new LogLines();
                TestServer server =
                        new TestServer(directory, ServerOptions.defaults().withEventLoops(1), clock);
                RespClient client = new RespClient(server.port())) {
            assertEquals("+PONG\r\n", client.call("PING"));
            failures.set(50);
            assertEquals("+PONG\r\n", client.call("PING"));
            List<String> lines = log.with("a turn of the event loop failed java.lang.IllegalStateException: a defect");
            assertTrue(!lines.isEmpty() && lines.size() <= 5, log.with("").toString());
        }
    }
}
