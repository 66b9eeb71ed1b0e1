package dev.penstock.store;

/** A write was attempted on a store that was opened read-only. */
public final class ReadOnlyStoreException extends StoreException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message which store is read-only
     */
    public ReadOnlyStoreException(String message) {
        super(message);
    }
}
