package dev.penstock.tools.console;

import dev.penstock.store.StoreException;
import dev.penstock.store.StoreLockedException;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;

/** Reports the exception that ended a command in one line on standard error, and returns the exit code for it. */
public final class Failures {

    private final Console console;

    public Failures(Console console) {
        this.console = console;
    }

    /**
     * What an exception means to the caller.
     *
     * @param message empty if there is nothing to say
     */
    public record Outcome(int exitCode, String message) {

        /** Whether the exception's trace belongs to the message. */
        public boolean isDefect() {
            return exitCode == ExitCode.DEFECT;
        }
    }

    /** @param stacktrace whether to print where in the program it arose */
    public int report(Throwable exception, boolean stacktrace) {
        Outcome outcome = outcome(exception);
        if (outcome.message().isEmpty()) {
            return outcome.exitCode();
        }
        console.complain(outcome.message());
        if (stacktrace || outcome.isDefect()) {
            exception.printStackTrace(console.err());
        }
        return outcome.exitCode();
    }

    /** What is said about an exception, and the exit code for it. */
    public static Outcome outcome(Throwable exception) {
        return switch (exception) {
            case ToolException e -> new Outcome(e.exitCode(), e.getMessage());
            case StoreLockedException e -> new Outcome(ExitCode.STORE, LockHolder.describe(e));
            case StoreException e -> new Outcome(ExitCode.STORE, String.valueOf(e.getMessage()));
            case UncheckedIOException e -> new Outcome(ExitCode.IO, describe(Objects.requireNonNull(e.getCause())));
            // That is not an error to report.
            case IOException e when isReaderGone(e) -> new Outcome(ExitCode.IO, "");
            case IOException e -> new Outcome(ExitCode.IO, describe(e));
            case OutOfMemoryError e ->
                new Outcome(
                        ExitCode.IO,
                        "the JVM has too little memory (" + e.getMessage()
                                + "); PENSTOCK_JAVA_OPTS=-Xmx1g gives it a heap of 1 GiB");
            default -> new Outcome(ExitCode.DEFECT, "this is a bug in Penstock; please report it with these lines:");
        };
    }

    /** Whether the reader of a pipe closed it early, as {@code head} does. */
    static boolean isReaderGone(IOException e) {
        return "Broken pipe".equals(e.getMessage());
    }

    /**
     * What to throw for a failed write: the same with the name of the file, unless it has one. That the reader closed
     * the pipe is no failure to name.
     */
    public static IOException named(Object file, IOException e) {
        if (e instanceof FileSystemException || isReaderGone(e)) {
            return e;
        }
        FileSystemException named = new FileSystemException(file.toString(), null, describe(e));
        named.initCause(e);
        return named;
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
