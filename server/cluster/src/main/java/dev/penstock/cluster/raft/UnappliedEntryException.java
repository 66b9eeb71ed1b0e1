package dev.penstock.cluster.raft;

/**
 * This node cannot apply an entry, and will not be able to without help from outside. The replica is as the entries
 * before have left it.
 */
public final class UnappliedEntryException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnappliedEntryException(LogPosition position, Throwable cause) {
        super(position + " cannot be applied here, and must not be left out: " + describe(cause), cause);
    }

    private static String describe(Throwable cause) {
        String message = cause.getMessage();
        return message == null || cause instanceof Error ? cause.toString() : message;
    }
}
