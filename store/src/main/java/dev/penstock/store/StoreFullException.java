package dev.penstock.store;

/**
 * The file system has no room for the write, or the file format has no numbers left for it, as the message says.
 * Nothing of the write is stored, and reads go on. Where it was for want of room, writes work again as soon as there is
 * some.
 */
public final class StoreFullException extends StoreException {

    private static final long serialVersionUID = 1L;

    public StoreFullException(String message) {
        super(message);
    }
}
