package dev.penstock.store;

/** Receives the entries of {@link Store#scan} and {@link Store#forEach}. */
@FunctionalInterface
public interface EntryVisitor {

    /**
     * @param key a copy of the key, the visitor's to keep
     * @param value the value; valid only until this method returns
     */
    void visit(byte[] key, ValueView value);
}
