package dev.penstock.store;

import dev.penstock.store.internal.io.DiskFullException;
import java.io.IOException;

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

    /**
     * The exception for a failed operation on a file.
     *
     * @param what the operation, as in "reading /data/store"
     */
    public static StoreException of(String what, IOException cause) {
        return cause instanceof DiskFullException
                ? new StoreFullException(cause.getMessage())
                : new StoreIoException(what + " failed: " + cause.getMessage(), cause);
    }
}
