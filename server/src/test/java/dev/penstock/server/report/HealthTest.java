package dev.penstock.server.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A supervisor restarts what does nothing any more, and keeps clients from what cannot serve them. */
class HealthTest {

    private static final Duration A_MILLI = Duration.ofMillis(1);

    @Test
    void aServerWhoseLoopsTurnIsLiveAndReady() {
        Health health = Health.of(Health.MOST_OF_READY_TURN, false, false);
        assertEquals(new Health(true, List.of()), health);
        assertTrue(health.isReady());
    }

    @Test
    void aLongTurnKeepsClientsAwayAndAVeryLongOneIsTheEnd() {
        Health slow = Health.of(Health.MOST_OF_READY_TURN.plus(A_MILLI), false, false);
        assertTrue(slow.isLive());
        assertFalse(slow.isReady());
        Health stuck = Health.of(Health.MOST_OF_LIVE_TURN.plus(A_MILLI), false, false);
        assertFalse(stuck.isLive());
        assertEquals(List.of("an event loop has not ended its turn for 30 s"), stuck.problems());
    }

    /** A server that stops must not be killed for it, however long the last replies take. */
    @Test
    void aServerThatStopsIsLiveAndNotReady() {
        Health stopping = Health.of(Duration.ofHours(1), true, false);
        assertTrue(stopping.isLive());
        assertEquals(List.of("the server is stopping"), stopping.problems());
    }

    @Test
    void aStoreThatTakesNoWritesIsLiveAndNotReady() {
        Health failed = Health.of(Duration.ZERO, false, true);
        assertTrue(failed.isLive());
        assertFalse(failed.isReady());
    }
}
