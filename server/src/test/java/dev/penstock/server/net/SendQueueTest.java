package dev.penstock.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.TestClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Requests and transfers share an event loop by time, and each side gets on. */
class SendQueueTest {

    private static final long STRETCH_MICROS = 40;

    private final TestClock clock = new TestClock();
    private final SendQueue queue = new SendQueue(clock);
    private final StringBuilder sent = new StringBuilder();

    /** Has more to send each time, as a download does whose client is fast. */
    private final class Download implements SendQueue.Sender {

        private final char name;

        Download(char name) {
            this.name = name;
        }

        @Override
        public void sendTurn() {
            sent.append(name);
            pass(STRETCH_MICROS);
            queue.add(this);
        }
    }

    private void pass(long micros) {
        clock.advance(Duration.ofNanos(1000 * micros));
    }

    private void addDownloads(String names) {
        names.chars().forEach(name -> queue.add(new Download((char) name)));
    }

    /** A turn of the event loop; returns who sent in it. */
    private String turn(long requestMicros, boolean small) {
        sent.setLength(0);
        queue.beginTurn();
        pass(requestMicros);
        if (small) {
            queue.answered();
        }
        queue.send();
        return sent.toString();
    }

    @Test
    void oneConnectionSendsInEachTurnBesideSmallRequests() {
        addDownloads("abc");
        assertEquals("a", turn(0, true));
        assertEquals("b", turn(5, true));
        assertEquals("c", turn(0, false), "they came lately");
        assertEquals("a", turn(40, true));
    }

    @Test
    void sendingTakesAsLongAsTheRequestsDid() {
        addDownloads("abc");
        assertEquals("abcab", turn(5 * STRETCH_MICROS, true));
        assertEquals("cabca", turn(5 * STRETCH_MICROS, true));
        assertEquals("bcabcabcab", turn(10 * STRETCH_MICROS, false));
    }

    @Test
    void theLoopLooksForRequestsLessOftenWhileThereAreNoSmallOnes() {
        addDownloads("ab");
        assertFalse(queue.isBrief());
        assertEquals("ababa", turn(0, false));
        assertEquals("b", turn(0, true));
        assertTrue(queue.isBrief());
        pass(SendQueue.BRIEF_NANOS / 1000);
        assertEquals("ababa", turn(0, false));
        assertFalse(queue.isBrief());
    }

    @Test
    void anEmptyQueueSendsNothing() {
        assertTrue(queue.isEmpty());
        assertEquals("", turn(100, true));
        queue.add(() -> sent.append('x'));
        assertFalse(queue.isEmpty());
        assertEquals("x", turn(100, true));
        assertTrue(queue.isEmpty());
    }
}
