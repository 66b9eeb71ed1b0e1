package dev.penstock.store;

/**
 * A write was asked of a store that was opened read-only.
 */
public final class ReadOnlyStoreException extends StoreException {

    private static final long serialVersionUID = 1L;

    public ReadOnlyStoreException(String message) {
        super(message);
    }
}
