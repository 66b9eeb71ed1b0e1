package dev.penstock.server.net;

import dev.penstock.server.config.Settings;

/**
 * The time-outs of a client. Its connection is in a {@link Phase}, and each phase has a limit. A request only notes
 * progress, and one timer compares: a client without progress for too long is disconnected, and its resources are
 * released.
 *
 * <p>Event-loop thread only.
 */
final class ClientTimeouts {

    /** How often a connection is looked at when nothing is due earlier. */
    private static final long LOOK_MILLIS = 10_000;

    private static final long LOGIN_MILLIS = 10_000;
    private static final long SENDING_MILLIS = 60_000;
    private static final long REFUSAL_MILLIS = 1000;
    private static final long CLOSE_GRACE_MILLIS = 1000;

    /** An unfinished request must bring {@link #LEAST_BYTES} in every such time, until it is finished. */
    private static final long RECEIVING_MILLIS = 30_000;

    /** For the reply to a client that has ended its side: long enough for one that only waits for it. */
    private static final long LEAVING_MILLIS = 5_000;

    private static final long LEAST_BYTES = 16 * 1024;

    /** A socket stays ready while there is nothing to send, and to be woken for it for ever keeps the loop busy. */
    private static final int MOST_VAIN_WAKE_UPS = 1000;

    /** What the connection waits for. */
    enum Phase {
        /** A client of another host has to authenticate: the TLS handshake, then the right password. */
        BEGINNING,
        /** Any request. */
        IDLE,
        /** The rest of a request. */
        RECEIVING,
        /** A command that takes more than a turn. */
        WORKING,
        /** A command that waits for a leader or for the log, of a client that sends no more and may be gone. */
        LEAVING,
        /** The client has to read its replies, or to continue its request. */
        SENDING,
        /** The time to say that a password was wrong. */
        REFUSING,
        /** The client to notice that this is the end, so that it need not be cut off in mid-sentence. */
        ENDING
    }

    private final Connection connection;
    private final Deadlines deadlines;
    private final Settings settings;
    private final long idleSeconds;
    private Phase phase;
    private long unauthenticatedMillis; // since when nobody knows who the client is
    private long sinceMillis; // when the phase began or last got on
    private long receivedMillis;
    private long receivedBytes; // since then, in an unfinished request
    private int vainWakeUps;
    private long timer;
    private long timerMillis;

    /** @param idleSeconds how long a client may be idle if the settings do not say; 0 for ever */
    ClientTimeouts(Connection connection, Deadlines deadlines, Settings settings, long idleSeconds, Phase first) {
        this.idleSeconds = idleSeconds;
        this.connection = connection;
        this.deadlines = deadlines;
        this.settings = settings;
        this.phase = first;
        this.unauthenticatedMillis = deadlines.nowMillis();
        this.sinceMillis = unauthenticatedMillis;
        this.receivedMillis = unauthenticatedMillis;
        schedule(Math.min(deadline(), sinceMillis + LOOK_MILLIS));
    }

    /** The client has given up what it had shown; the time to show it again begins now. */
    void loggedOut() {
        unauthenticatedMillis = deadlines.nowMillis();
    }

    /** Whether the client sent something so lately that there may be more on its way. */
    boolean receivedLately() {
        return deadlines.nowMillis() - receivedMillis < CLOSE_GRACE_MILLIS;
    }

    void received(long bytes) {
        receivedMillis = deadlines.nowMillis();
        receivedBytes += bytes;
        if (phase == Phase.IDLE) {
            sinceMillis = receivedMillis;
        }
    }

    void sent() {
        vainWakeUps = 0;
        if (phase == Phase.SENDING) {
            sinceMillis = deadlines.nowMillis();
        }
    }

    /** Notes that the socket was ready to take bytes; whether it has been so too often without getting any. */
    boolean isSpinning() {
        return phase == Phase.SENDING && ++vainWakeUps > MOST_VAIN_WAKE_UPS;
    }

    void requestServed() {
        if (phase == Phase.RECEIVING || phase == Phase.LEAVING) {
            sinceMillis = deadlines.nowMillis();
            receivedBytes = 0;
        }
    }

    /** The timer is left alone unless it would come too late, which is seldom: it comes often. */
    void enter(Phase next) {
        if (next == phase) {
            return;
        }
        phase = next;
        sinceMillis = deadlines.nowMillis();
        receivedBytes = 0;
        if (deadline() < timerMillis) {
            deadlines.cancel(timer);
            schedule(deadline());
        }
    }

    /** The connection is closed. */
    void end() {
        deadlines.cancel(timer);
        timer = Deadlines.NONE;
    }

    private void schedule(long atMillis) {
        timerMillis = atMillis;
        timer = deadlines.schedule(this, atMillis);
    }

    private long deadline() {
        return switch (phase) {
            case BEGINNING -> unauthenticatedMillis + LOGIN_MILLIS;
            case IDLE -> {
                long set = settings.idleTimeoutSeconds();
                long seconds = set == 0 ? idleSeconds : set;
                yield seconds == 0 ? Long.MAX_VALUE : sinceMillis + 1000 * seconds;
            }
            case WORKING -> Long.MAX_VALUE;
            case LEAVING -> sinceMillis + LEAVING_MILLIS;
            case RECEIVING -> sinceMillis + RECEIVING_MILLIS;
            case SENDING -> sinceMillis + SENDING_MILLIS;
            case REFUSING -> sinceMillis + REFUSAL_MILLIS;
            case ENDING -> sinceMillis + CLOSE_GRACE_MILLIS;
        };
    }

    void timerFired() {
        timer = Deadlines.NONE;
        connection.guarded(this::look);
    }

    /** Looks whether the connection has been waiting for too long. */
    private void look() {
        long now = deadlines.nowMillis();
        if (now >= deadline() && !isGivenMoreTime(now)) {
            connection.timedOut(phase);
            return;
        }
        schedule(Math.min(deadline(), now + LOOK_MILLIS));
    }

    private boolean isGivenMoreTime(long now) {
        if (phase == Phase.REFUSING) {
            phase = Phase.SENDING;
            sinceMillis = now;
            connection.endRefusal();
            return true;
        }
        boolean gettingOn = (phase == Phase.RECEIVING || phase == Phase.SENDING) && receivedBytes >= LEAST_BYTES;
        if (gettingOn) {
            sinceMillis = now;
            receivedBytes = 0;
        }
        return gettingOn;
    }
}
