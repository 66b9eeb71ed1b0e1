package dev.penstock.store.internal.index;

/**
 * A location was read from the directory just before its record moved and its segment was released. The directory has
 * the new location by then, so the reader starts again. It has no stack trace, because it is always caught.
 */
final class StaleLocationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    StaleLocationException() {
        super("stale location", null, false, false);
    }
}
