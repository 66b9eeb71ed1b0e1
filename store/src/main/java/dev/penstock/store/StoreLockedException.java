package dev.penstock.store;

/**
 * Another process, or another {@link Store} of this process, has the directory open for writing.
 */
public final class StoreLockedException extends StoreException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message which directory is locked, and by which process if that is known
     */
    public StoreLockedException(String message) {
        super(message);
    }
}
