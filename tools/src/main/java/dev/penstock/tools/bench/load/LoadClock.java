package dev.penstock.tools.bench.load;

/** Nanoseconds since a run began. Thread-safe. */
final class LoadClock {

    private final long origin = System.nanoTime();

    long now() {
        return System.nanoTime() - origin;
    }
}
