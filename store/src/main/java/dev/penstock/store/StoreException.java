package dev.penstock.store;

import dev.penstock.store.internal.io.DiskFullException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/**
 * Superclass of the exceptions of the store. Each subclass says what the caller can do. A caller that only logs the
 * error catches this class.
 */
public abstract sealed class StoreException extends RuntimeException
        permits CorruptionException,
                FormatVersionException,
                NotAStoreException,
                PageLostException,
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

    StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /**
     * Returns the exception for a failed operation on a file.
     *
     * @param what the operation, as in "reading /data/store"
     * @param cause the error
     * @return a {@link StoreFullException} if the disk is full, otherwise a {@link StoreIoException}
     */
    public static StoreException of(String what, IOException cause) {
        return cause instanceof DiskFullException
                ? new StoreFullException(reason(cause))
                : new StoreIoException(what + " failed: " + reason(cause), cause);
    }

    /** The exceptions of {@code java.nio.file} often say no more than the name of the file. */
    private static String reason(IOException cause) {
        String message = String.valueOf(cause.getMessage());
        return switch (cause) {
            case AccessDeniedException denied when denied.getReason() == null -> message + ": permission denied";
            case NoSuchFileException missing when missing.getReason() == null -> message + ": no such file";
            case FileAlreadyExistsException exists when exists.getReason() == null -> message + ": exists already";
            case FileSystemException other -> message;
            default -> cause.getMessage() == null ? cause.getClass().getSimpleName() : message;
        };
    }
}
