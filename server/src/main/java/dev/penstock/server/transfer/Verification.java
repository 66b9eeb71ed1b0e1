package dev.penstock.server.transfer;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Values that must be verified before they are sent. Created and closed by the event loop, run by any thread. */
public final class Verification implements Runnable, AutoCloseable {

    private final List<ValueTransfer> values;

    Verification(List<ValueTransfer> unverified) {
        Set<Long> seen = new HashSet<>(); // a reply may have several parts of a value
        values = unverified.stream()
                .filter(value -> value.isUnverified() && seen.add(value.sequence()))
                .toList();
        values.forEach(ValueTransfer::hold);
    }

    /** How many values are read. */
    int count() {
        return values.size();
    }

    /**
     * Reads all of the values.
     *
     * @throws dev.penstock.store.CorruptionException if one of them is damaged
     */
    @Override
    public void run() {
        values.forEach(ValueTransfer::verify);
    }

    /** Lets them go. Not while it runs. */
    @Override
    public void close() {
        values.forEach(ValueTransfer::letGo);
    }
}
