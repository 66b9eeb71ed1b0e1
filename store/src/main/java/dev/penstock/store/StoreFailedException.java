package dev.penstock.store;

import org.jspecify.annotations.Nullable;

/**
 * After an error such as a failed force or a page that the system could not supply, the store no longer knows what is
 * on the device, and accepts no more writes. The state is permanent: a later force may succeed although the pages of
 * the failed one are lost. Close the store, repair the device and open the store again; recovery determines what is
 * there.
 */
public final class StoreFailedException extends StoreException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what failed, and what to do
     * @param cause the error after which the store stopped taking writes; null if there is none
     */
    public StoreFailedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
