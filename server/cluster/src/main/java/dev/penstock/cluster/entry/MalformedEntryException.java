package dev.penstock.cluster.entry;

import java.io.Serial;

/** The bytes of an entry are not what this version writes. Nothing of the entry may be executed. */
public final class MalformedEntryException extends IllegalArgumentException {

    @Serial
    private static final long serialVersionUID = 1;

    MalformedEntryException(String message) {
        super("malformed entry of the log: " + message);
    }
}
