package dev.penstock.tools.process;

import dev.penstock.store.CorruptionException;
import java.nio.file.Path;
import java.util.Objects;

/** Ends a command with one line on standard error and the given exit code. */
public final class ToolException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int exitCode;

    public ToolException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    public ToolException(int exitCode, String message, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    /** Damage, with the store it is in and what to do about it. */
    public static ToolException damaged(Path directory, CorruptionException damage) {
        return new ToolException(
                ExitCode.STORE,
                "%s is damaged: %s; 'penstock verify %s' lists what is damaged, a backup restores it, and"
                                .formatted(directory, damage.getMessage(), directory)
                        + " 'penstock repair %s --out NEW' salvages the rest".formatted(directory),
                damage);
    }

    /** {@inheritDoc} Never null. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    public int exitCode() {
        return exitCode;
    }
}
