package dev.penstock.server.replica;

import dev.penstock.server.resp.CommandError;
import dev.penstock.server.turn.Suspended;
import org.jspecify.annotations.Nullable;

/** In place of a command that only reads, or of its rest, when the step that it belongs to has read enough. */
final class RefusedReading implements Suspended {

    private final @Nullable Suspended rest;

    /** @param rest null if the command has not begun */
    RefusedReading(@Nullable Suspended rest) {
        this.rest = rest;
    }

    @Override
    public boolean goOn() {
        throw new CommandError("ERR commands that only read take too long in a transaction that writes");
    }

    @Override
    public void close() {
        if (rest != null) {
            rest.close();
        }
    }
}
