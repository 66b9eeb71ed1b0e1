package dev.penstock.store;

/**
 * The file system has no room for the write. Nothing of the write is stored; reads go on, and writes work again as soon
 * as there is room.
 */
public final class StoreFullException extends StoreException {

    private static final long serialVersionUID = 1L;

    public StoreFullException(String message) {
        super(message);
    }
}
