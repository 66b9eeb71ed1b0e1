package dev.penstock.cluster.entry;

import java.io.Serial;

/** A command is too long for the log. The message is meant for the client. */
public final class EntryLimitException extends IllegalArgumentException {

    @Serial
    private static final long serialVersionUID = 1;

    EntryLimitException(String message) {
        super(message);
    }
}
