package dev.penstock.server.session;

import dev.penstock.server.resp.CommandError;
import dev.penstock.server.transfer.OutOfBudgetException;
import dev.penstock.server.transfer.ReplyTooLargeException;
import dev.penstock.store.BatchTooLargeException;
import dev.penstock.store.CorruptionException;
import dev.penstock.store.ReadOnlyStoreException;
import dev.penstock.store.StoreClosedException;
import dev.penstock.store.StoreException;
import dev.penstock.store.StoreFailedException;
import dev.penstock.store.StoreFullException;
import java.io.UncheckedIOException;

/**
 * The error reply to a client when a command throws. It contains only text that was written for clients. The store's
 * messages name files, and others name classes: these go to the server's log, to which the text refers.
 */
public final class ErrorText {

    /** The reply to a write that was done, and whose own reply takes too much memory. */
    public static final String NO_MEMORY_FOR_REPLY = "ERR the write was done, but there is no memory for its reply";

    private ErrorText() {}

    /** Codes that clients know: OOM and MISCONF mean that writes are refused while reads continue. */
    static String of(Throwable e) {
        return switch (e) {
            case CommandError error -> String.valueOf(error.getMessage());
            case OutOfBudgetException full -> "OOM " + full.getMessage();
            case ReplyTooLargeException tooLarge -> "ERR " + tooLarge.getMessage();
            case BatchTooLargeException tooLarge ->
                "ERR the batch does not fit a segment; values of 1 MiB and more do not count";
            case StoreFullException full -> "OOM no space left for the write: the server's file system is full";
            case ReadOnlyStoreException readOnly -> "READONLY the store was opened for reading only";
            case StoreFailedException failed ->
                "MISCONF the store accepts no more writes after a file error; see the server's log";
            case CorruptionException damaged -> "ERR the stored data is damaged; see the server's log";
            case StoreClosedException closed -> "ERR the store is closed";
            case StoreException refused -> "ERR the store failed; see the server's log";
            case UncheckedIOException broken -> "ERR the store failed; see the server's log";
            default -> "ERR internal error; see the server's log";
        };
    }

    /** Whether the text omits details that only the operator should see. */
    public static boolean isForTheLog(Throwable e) {
        return switch (e) {
            case CommandError error -> false;
            case OutOfBudgetException full -> false;
            case ReplyTooLargeException tooLarge -> false;
            case BatchTooLargeException tooLarge -> false;
            case ReadOnlyStoreException readOnly -> false;
            default -> true;
        };
    }

    /** Details for the operator, to be preceded by the client whose command failed. */
    public static String forTheLog(StoreException e) {
        return String.valueOf(e.getMessage());
    }
}
