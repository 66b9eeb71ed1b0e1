package dev.penstock.store;

import java.time.Duration;

/**
 * When a write is forced to the device. In every mode a completed write survives the death of the process; the modes
 * differ in what survives a power cut.
 */
public final class Durability {

    /** Writes are forced when the store is synced or closed. A power cut may lose everything since. */
    public static final Durability NONE = new Durability("NONE", 0);

    /** Each write returns when it is on the device. Concurrent writers share one force. */
    public static final Durability ALWAYS = new Durability("ALWAYS", 0);

    private final String name;
    private final long intervalMillis;

    private Durability(String name, long intervalMillis) {
        this.name = name;
        this.intervalMillis = intervalMillis;
    }

    /**
     * Forces writes in the background. A power cut loses at most the writes of one interval and of the force under way;
     * what remains is an exact prefix of the history.
     *
     * @param interval time between two forces, at least a millisecond
     * @return the durability
     * @throws IllegalArgumentException if the interval is shorter
     */
    public static Durability interval(Duration interval) {
        if (interval.toMillis() < 1) {
            throw new IllegalArgumentException("the interval must be at least a millisecond, not " + interval);
        }
        return new Durability("INTERVAL", interval.toMillis());
    }

    /** {@return the time between two forces, in whole milliseconds; zero if there is no interval} */
    public Duration interval() {
        return Duration.ofMillis(intervalMillis);
    }

    /** As in {@code INTERVAL(100 ms)}. */
    @Override
    public String toString() {
        return intervalMillis == 0 ? name : name + "(" + intervalMillis + " ms)";
    }
}
