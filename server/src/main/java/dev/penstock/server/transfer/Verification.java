package dev.penstock.server.transfer;

import java.util.List;

/** Values that must be verified before they are sent. Created and closed by the event loop, run by any thread. */
public final class Verification implements Runnable, AutoCloseable {

    private final List<ValueTransfer> values;

    Verification(List<ValueTransfer> unverified) {
        values = unverified.stream().filter(ValueTransfer::isUnverified).toList();
        values.forEach(ValueTransfer::hold);
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
