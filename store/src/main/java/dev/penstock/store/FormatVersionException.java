package dev.penstock.store;

/**
 * A file has a format that this Penstock does not read: a newer one, or one older than the message says. Nothing was
 * changed. Open the store with the version that wrote it.
 */
public final class FormatVersionException extends StoreException {

    private static final long serialVersionUID = 1L;

    public FormatVersionException(String message) {
        super(message);
    }
}
