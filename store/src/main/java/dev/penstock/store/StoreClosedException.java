package dev.penstock.store;

/**
 * The store, view or writer was closed before the call, or while it ran. A read that races with the close
 * throws this exception and never returns a wrong byte.
 */
public final class StoreClosedException extends StoreException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what is closed
     */
    public StoreClosedException(String message) {
        super(message);
    }
}
