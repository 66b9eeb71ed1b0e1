package dev.penstock.server.command;

/** Counts keys that are there, in runs that may be read more than once. */
final class Tally {

    private int begun;
    private int before;
    private int found;

    /** A run begins, perhaps again. */
    void begin(int from) {
        if (from > begun) {
            before = found;
            begun = from;
        }
        found = before;
    }

    void looked(boolean present) {
        if (present) {
            found++;
        }
    }

    int found() {
        return found;
    }
}
