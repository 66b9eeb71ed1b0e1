package dev.penstock.store;

/**
 * The store, view or writer was closed before the call, or while it ran. A read that raced with the close gives this
 * exception, never a wrong byte.
 */
public final class StoreClosedException extends StoreException {

    private static final long serialVersionUID = 1L;

    public StoreClosedException(String message) {
        super(message);
    }
}
