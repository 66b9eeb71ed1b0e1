package dev.penstock.store;

/**
 * A file has a format version that this release does not read. Nothing was changed. Open the store with the release
 * that wrote it.
 */
public final class FormatVersionException extends StoreException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message which file has which version, and which version this release reads
     */
    public FormatVersionException(String message) {
        super(message);
    }
}
