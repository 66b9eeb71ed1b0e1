package dev.penstock.store;

/**
 * Root of everything the store throws on purpose. The subclasses say what the caller can do about it; a caller that
 * only wants to log and give up catches this one.
 */
public abstract sealed class StoreException extends RuntimeException
        permits CorruptionException,
                FormatVersionException,
                NotAStoreException,
                ReadOnlyStoreException,
                StoreClosedException,
                StoreFailedException,
                StoreFullException,
                StoreIoException,
                StoreLockedException {

    private static final long serialVersionUID = 1L;

    StoreException(String message) {
        super(message);
    }

    StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
