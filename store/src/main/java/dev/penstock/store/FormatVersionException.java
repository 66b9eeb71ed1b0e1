package dev.penstock.store;

/**
 * A file was written by a newer Penstock than this one. Nothing was read or changed; open the store with a version at
 * least as new as the message names.
 */
public final class FormatVersionException extends StoreException {

    private static final long serialVersionUID = 1L;

    public FormatVersionException(String message) {
        super(message);
    }
}
