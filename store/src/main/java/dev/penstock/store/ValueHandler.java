package dev.penstock.store;

import org.jspecify.annotations.Nullable;

/** Receives the values of {@link Store#getAll}. */
@FunctionalInterface
public interface ValueHandler {

    /**
     * Called once for each key, in their order.
     *
     * @param index of the key
     * @param value valid only until this method returns; null if the key is absent
     */
    void value(int index, @Nullable ValueView value);
}
