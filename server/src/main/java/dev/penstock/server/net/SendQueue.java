package dev.penstock.server.net;

import java.util.ArrayDeque;
import org.agrona.concurrent.NanoClock;

/**
 * Connections that have long replies to send, round-robin. In each turn of the event loop they send after the requests
 * that were ready, so that a small request waits for one stretch of a transfer, however many transfers there are.
 *
 * <p>Neither side starves the other. At least one connection sends in each turn, and sending goes on for as long as the
 * rest of the turn took. While no small requests come, it goes on for at least {@link #LOOK_NANOS}: to look at the
 * sockets more often would only cost time. While they come, the stretches are {@linkplain #isBrief brief}, and the loop
 * looks for requests after each.
 *
 * <p>Event-loop thread only.
 */
final class SendQueue {

    /** How long connections send before the loop looks for requests, while small ones are rare. */
    static final long LOOK_NANOS = 200_000;

    /** How long stretches stay brief after a small request. */
    static final long BRIEF_NANOS = 50_000_000;

    /** A connection that has something to send. */
    interface Sender {

        /** Sends one stretch. It may add itself again. */
        void sendTurn();
    }

    private final ArrayDeque<Sender> waiting = new ArrayDeque<>();
    private final NanoClock clock;
    private long beginNanos; // of the event loop's turn
    private long answeredNanos;
    private boolean brief;

    SendQueue(NanoClock clock) {
        this.clock = clock;
    }

    /** Appends a connection that is not in the queue. */
    void add(Sender sender) {
        waiting.addLast(sender);
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** A turn of the event loop begins. */
    void beginTurn() {
        beginNanos = clock.nanoTime();
        brief = brief && beginNanos - answeredNanos < BRIEF_NANOS;
    }

    /** A small request was answered in this turn. */
    void answered() {
        answeredNanos = beginNanos;
        brief = true;
    }

    /** Whether small requests came lately. */
    boolean isBrief() {
        return brief;
    }

    /** Has connections send: one, and others until as much time has passed as the turn has taken so far. */
    void send() {
        if (waiting.isEmpty()) {
            return;
        }
        long now = clock.nanoTime();
        long taken = now - beginNanos;
        long end = now + (brief ? taken : Math.max(taken, LOOK_NANOS));
        do {
            waiting.removeFirst().sendTurn();
        } while (!waiting.isEmpty() && clock.nanoTime() - end < 0);
    }
}
