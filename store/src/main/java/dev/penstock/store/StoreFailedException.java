package dev.penstock.store;

import org.jspecify.annotations.Nullable;

/**
 * The store met an error after which it can no longer vouch for its files (a failed force, a page that the system could
 * not supply) and has stopped taking writes. The state is sticky: a later force that seems to succeed proves nothing
 * about the pages that the failed one dropped. Close the store, mend the device and open it again; recovery tells what
 * is there.
 */
public final class StoreFailedException extends StoreException {

    private static final long serialVersionUID = 1L;

    public StoreFailedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
