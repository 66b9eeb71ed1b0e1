package dev.penstock.store;

/**
 * The file system has no space for the write, or the file format has no numbers left for it; the message says which.
 * Nothing of the write is stored, and reads continue. Writes work again as soon as there is space.
 */
public final class StoreFullException extends StoreException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what ran out: space, or numbers of the file format
     */
    public StoreFullException(String message) {
        super(message);
    }
}
