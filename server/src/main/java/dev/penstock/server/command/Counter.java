package dev.penstock.server.command;

import java.util.concurrent.atomic.AtomicLong;

/** A number that one thread counts up, without a barrier, and any thread may read as it was a moment ago. */
public final class Counter {

    private final AtomicLong value = new AtomicLong();
    private long sampled;
    private volatile long perSecond;
    private volatile long forgotten;

    void add(long n) {
        value.setOpaque(value.getPlain() + n);
    }

    /** Since the start. */
    long total() {
        return value.getOpaque();
    }

    /** Since the start, or since counting was begun anew. */
    long count() {
        return value.getOpaque() - forgotten;
    }

    /** Begins counting anew, without disturbing the thread that counts. */
    void forget() {
        forgotten = value.getOpaque();
    }

    /** By the thread that counts; how long ago it did so before. */
    void sample(long elapsedMillis) {
        long now = value.getPlain();
        perSecond = (now - sampled) * 1000 / elapsedMillis;
        sampled = now;
    }

    /** How much was added in the last second. */
    long perSecond() {
        return perSecond;
    }
}
