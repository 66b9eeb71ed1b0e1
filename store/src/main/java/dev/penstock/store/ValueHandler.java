package dev.penstock.store;

import org.jspecify.annotations.Nullable;

/** Receives the values of {@link Store#getAll}. */
@FunctionalInterface
public interface ValueHandler {

    /**
     * Receives the value of one key. Called once for each key, in the order of the keys.
     *
     * @param index index of the key in the list
     * @param value the value, valid only until this method returns; null if the key is absent
     */
    void value(int index, @Nullable ValueView value);
}
