package dev.penstock.store.internal.index;

/**
 * A location was read from the directory just before its record moved and its segment went. The directory has the new
 * location by then, so the reader simply starts over. Without a stack trace: nobody sees it.
 */
final class StaleLocationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    StaleLocationException() {
        super("stale location", null, false, false);
    }
}
