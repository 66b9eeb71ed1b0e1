package dev.penstock.server.transfer;

import java.util.concurrent.atomic.AtomicLong;

/** A number that one thread increments, without a barrier, and any thread may read, perhaps slightly out of date. */
public final class Counter {

    private final AtomicLong value = new AtomicLong();
    private long sampled;
    private volatile long perSecond;
    private volatile long forgotten;

    public void add(long n) {
        value.setOpaque(value.getPlain() + n);
    }

    /** Adds what another one counted, and what of it is forgotten. */
    public void add(Counter other) {
        add(other.total());
        long both = forgotten + other.forgotten;
        forgotten = both;
    }

    /** Since the start. */
    public long total() {
        return value.getOpaque();
    }

    /** Since the start, or since counting was begun anew. */
    public long count() {
        return value.getOpaque() - forgotten;
    }

    /** Begins counting anew, without disturbing the thread that counts. */
    public void forget() {
        forgotten = value.getOpaque();
    }

    /** By the thread that counts; how long ago it did so before. */
    public void sample(long elapsedMillis) {
        long now = value.getPlain();
        perSecond = (now - sampled) * 1000 / elapsedMillis;
        sampled = now;
    }

    /** How much was added in the last second. */
    public long perSecond() {
        return perSecond;
    }
}
