package dev.penstock.store;

import java.io.IOException;

/** An operation on a file of the store failed; the message names the file, the cause is the system's own error. */
public final class StoreIoException extends StoreException {

    private static final long serialVersionUID = 1L;

    public StoreIoException(String message, IOException cause) {
        super(message, cause);
    }
}
