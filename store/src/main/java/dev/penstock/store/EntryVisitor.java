package dev.penstock.store;

/** Receives the entries of {@link Store#scan} and {@link Store#forEach}. */
@FunctionalInterface
public interface EntryVisitor {

    /**
     * Receives one entry.
     *
     * @param key a copy of the key, which the visitor may keep
     * @param value the value; valid only until this method returns
     */
    void visit(byte[] key, ValueView value);
}
