package dev.penstock.store;

/**
 * The directory is not a Penstock store: it holds something else, or it does not exist and the options create none.
 * Nothing in it was changed.
 */
public final class NotAStoreException extends StoreException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what is wrong with which directory
     */
    public NotAStoreException(String message) {
        super(message);
    }
}
