package dev.penstock.tools.console;

import dev.penstock.store.StoreException;
import dev.penstock.store.StoreLockedException;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;

/** Reports the exception that ended a command in one line on standard error, and returns the exit code for it. */
public final class Failures {

    private final Console console;

    public Failures(Console console) {
        this.console = console;
    }

    /** @param stacktrace whether to print where in the program it arose */
    public int report(Throwable exception, boolean stacktrace) {
        int exitCode = switch (exception) {
            case ToolException e -> complain(e.exitCode(), e.getMessage());
            case StoreLockedException e -> complain(ExitCode.STORE, LockHolder.describe(e));
            case StoreException e -> complain(ExitCode.STORE, String.valueOf(e.getMessage()));
            case UncheckedIOException e -> complain(ExitCode.IO, describe(Objects.requireNonNull(e.getCause())));
            // The reader closed the pipe early, as head does. That is not an error to report.
            case IOException e when "Broken pipe".equals(e.getMessage()) -> ExitCode.IO;
            case IOException e -> complain(ExitCode.IO, describe(e));
            case OutOfMemoryError e ->
                complain(
                        ExitCode.IO,
                        "the JVM has too little memory (" + e.getMessage()
                                + "); PENSTOCK_JAVA_OPTS=-Xmx1g gives it a heap of 1 GiB");
            default -> defect(exception);
        };
        if (stacktrace && exitCode != ExitCode.DEFECT) {
            exception.printStackTrace(console.err());
        }
        return exitCode;
    }

    private int complain(int exitCode, String message) {
        console.complain(message);
        return exitCode;
    }

    private int defect(Throwable exception) {
        console.complain("this is a bug in Penstock; please report it with these lines:");
        exception.printStackTrace(console.err());
        return ExitCode.DEFECT;
    }

    /** The JDK's file exceptions say what is wrong by their class, and name only the file in their message. */
    public static String describe(IOException exception) {
        return switch (exception) {
            case NoSuchFileException e -> e.getFile() + ": no such file or directory";
            case AccessDeniedException e -> e.getFile() + ": permission denied";
            default -> {
                String message = exception.getMessage();
                yield message == null ? exception.getClass().getSimpleName() : message;
            }
        };
    }
}
