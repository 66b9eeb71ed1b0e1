package dev.penstock.server.net;

import java.util.concurrent.TimeUnit;
import org.agrona.DeadlineTimerWheel;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.NanoClock;

/**
 * The timers of one event loop, at most one for each connection, in one wheel. A request never touches it: a connection
 * notes its last progress, and when its timer fires, the connection compares that and sets the next timer.
 *
 * <p>The clock is read once per turn. Timers fire at most a tick and a turn's wait late, never early. Event-loop thread
 * only.
 */
final class Deadlines {

    /** No timer. */
    static final long NONE = Long.MIN_VALUE;

    private static final long TICK_MILLIS = 256;
    private static final int TICKS = 128;
    private static final int EXPIRED_AT_ONCE = 1024;

    private final NanoClock clock;
    private final DeadlineTimerWheel wheel;
    private final Long2ObjectHashMap<ClientTimeouts> owners = new Long2ObjectHashMap<>();
    private final DeadlineTimerWheel.TimerHandler expired = this::expired;
    private long nowMillis;

    Deadlines(NanoClock clock) {
        this.clock = clock;
        this.nowMillis = read();
        this.wheel = new DeadlineTimerWheel(TimeUnit.MILLISECONDS, nowMillis, TICK_MILLIS, TICKS);
    }

    private long read() {
        return clock.nanoTime() / 1_000_000;
    }

    /** Monotonic time at the start of the turn. */
    long nowMillis() {
        return nowMillis;
    }

    /** Reads the time. */
    void tick() {
        nowMillis = read();
    }

    /** Tells every connection whose time has come. */
    void fire() {
        do {
            wheel.poll(nowMillis, expired, EXPIRED_AT_ONCE);
        } while (wheel.currentTickTime() <= nowMillis);
    }

    private boolean expired(TimeUnit unit, long now, long timer) {
        owners.remove(timer).timerFired();
        return true;
    }

    /** Returns the timer's number. */
    long schedule(ClientTimeouts owner, long deadlineMillis) {
        long timer = wheel.scheduleTimer(deadlineMillis);
        owners.put(timer, owner);
        return timer;
    }

    void cancel(long timer) {
        if (timer != NONE && owners.remove(timer) != null) {
            wheel.cancelTimer(timer);
        }
    }
}
