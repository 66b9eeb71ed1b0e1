package dev.penstock.cluster.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

@SuppressWarnings("FutureReturnValueIgnored") // the latch shows whether the task comes again
class RepeatedTaskTest {

    private static final long LIMIT_SECONDS = 60;

    @Test
    void aTaskThatThrowsComesAgainAndTheFirstTimeIsLogged() throws Exception {
        List<LogRecord> lines = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                lines.add(line);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger(RepeatedTask.class.getName());
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
        CountDownLatch runs = new CountDownLatch(3);
        try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor()) {
            RepeatedTask task = new RepeatedTask("some-thread", () -> {
                runs.countDown();
                if (runs.getCount() == 2) {
                    throw new IllegalStateException("cannot");
                }
                throw new AssertionError("nor now");
            });
            timer.scheduleWithFixedDelay(task, 0, 1, TimeUnit.MILLISECONDS);
            assertTrue(runs.await(LIMIT_SECONDS, TimeUnit.SECONDS), "it does not come again");
            timer.shutdown();
            assertTrue(timer.awaitTermination(LIMIT_SECONDS, TimeUnit.SECONDS));
        } finally {
            logger.removeHandler(handler);
            logger.setUseParentHandlers(true);
        }
        assertEquals(1, lines.size());
        assertTrue(lines.getFirst().getMessage().startsWith("some-thread: "));
        assertEquals("cannot", lines.getFirst().getThrown().getMessage());
    }
}
