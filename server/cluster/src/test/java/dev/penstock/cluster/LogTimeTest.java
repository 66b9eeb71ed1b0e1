package dev.penstock.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Time goes on, whatever the clocks of the nodes say. */
class LogTimeTest {

    private static final long HOUR = TimeUnit.HOURS.toMillis(1);

    private long clock = 100 * HOUR;
    private long nanos = -5;
    private final LogTime time = new LogTime(() -> clock, () -> nanos);

    private void pass(long millis) {
        clock += millis;
        nanos += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Test
    void theTimeIsThatOfTheClock() {
        assertEquals(100 * HOUR, time.next(0));
        pass(7);
        assertEquals(100 * HOUR + 7, time.next(100 * HOUR));
    }

    /** The clock of the leader before was an hour ahead. */
    @Test
    void aClockThatIsBehindTheLogCatchesUpWhileTimeGoesOnAtHalfSpeed() {
        long ahead = clock + HOUR;
        assertEquals(ahead, time.next(ahead));
        for (int i = 1; i <= 100; i++) {
            pass(1);
            assertEquals(ahead + i / 2, time.next(ahead), "each call counts from the same moment");
        }
        pass(HOUR);
        assertEquals(ahead + 50 + HOUR / 2, time.next(ahead));
        pass(HOUR);
        assertEquals(clock, time.next(ahead), "it has caught up");
    }

    @Test
    void aClockThatIsSetBackDoesNotTakeTheTimeBack() {
        assertEquals(100 * HOUR, time.next(0));
        clock -= HOUR;
        assertEquals(100 * HOUR, time.next(0));
        pass(1000);
        assertEquals(100 * HOUR + 500, time.next(0));
    }

    @Test
    void entriesOfOtherLeadersMoveTheTimeOn() {
        long ahead = clock + HOUR;
        time.next(ahead);
        pass(1000);
        assertEquals(ahead + 700, time.next(ahead + 700));
        pass(10);
        assertEquals(ahead + 705, time.next(ahead + 700));
    }
}
