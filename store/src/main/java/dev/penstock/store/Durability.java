package dev.penstock.store;

import java.time.Duration;

/**
 * When a write is forced to the device. In every mode a write that has returned survives the death of the process; the
 * modes differ in what survives the death of the machine.
 */
public final class Durability {

    /** Writes are forced when the store is synced or closed. A power cut may lose everything since. */
    public static final Durability NONE = new Durability("NONE", 0);

    /** Each write returns when it is on the device. Writers that wait at the same time share one force. */
    public static final Durability ALWAYS = new Durability("ALWAYS", 0);

    private final String name;
    private final long intervalMillis;

    private Durability(String name, long intervalMillis) {
        this.name = name;
        this.intervalMillis = intervalMillis;
    }

    /**
     * Writes are forced in the background. A power cut loses at most what was written in the interval before it, and while
     * one force was under way; what is left is an exact beginning of the history.
     *
     * @param interval at least a millisecond
     */
    public static Durability interval(Duration interval) {
        if (interval.toMillis() < 1) {
            throw new IllegalArgumentException("the interval must be at least a millisecond, not " + interval);
        }
        return new Durability("INTERVAL", interval.toMillis());
    }

    /** Milliseconds between two forces; 0 if they do not go by time. */
    public long intervalMillis() {
        return intervalMillis;
    }

    /** As in {@code INTERVAL(100 ms)}. */
    @Override
    public String toString() {
        return intervalMillis == 0 ? name : name + "(" + intervalMillis + " ms)";
    }
}
