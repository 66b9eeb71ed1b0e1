package dev.penstock.server.turn;

import java.util.function.BooleanSupplier;

/**
 * A change that is repeated until no other writer interferes, a few times per turn. Another writer of the same key may
 * win repeatedly; that costs this client time, but no other.
 */
public final class Attempts implements Suspended {

    private final BooleanSupplier attempt;

    /** @param attempt whether it came to an end, and replied; called anew each time, it begins anew */
    public Attempts(BooleanSupplier attempt) {
        this.attempt = attempt;
    }

    @Override
    public boolean goOn() {
        for (int i = 0; i < ATTEMPTS; i++) {
            if (attempt.getAsBoolean()) {
                return true;
            }
        }
        return false;
    }
}
