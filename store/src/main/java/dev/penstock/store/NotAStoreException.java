package dev.penstock.store;

/**
 * The directory is not a Penstock store: it does not exist and was not to be created, or it holds something else.
 * Nothing in it was changed.
 */
public final class NotAStoreException extends StoreException {

    private static final long serialVersionUID = 1L;

    public NotAStoreException(String message) {
        super(message);
    }
}
