package dev.penstock.store;

import java.io.IOException;

/** An operation on a file of the store failed. The message names the file; the cause is the error of the system. */
public final class StoreIoException extends StoreException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message which operation failed, on which file
     * @param cause the system's error
     */
    public StoreIoException(String message, IOException cause) {
        super(message, cause);
    }
}
