package dev.penstock.tools;

import dev.penstock.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Turns whatever ended a command into one clear line on standard error and the exit code that goes with it. */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {

    private final Console console;
    private final BooleanSupplier stacktrace;

    Failures(Console console, BooleanSupplier stacktrace) {
        this.console = console;
        this.stacktrace = stacktrace;
    }

    @Override
    public int handleExecutionException(Exception exception, CommandLine commandLine, ParseResult parsed) {
        if (exception instanceof ParameterException usage) {
            throw usage;
        }
        return report(exception);
    }

    @Override
    public int handleParseException(ParameterException exception, String[] arguments) {
        CommandLine command = exception.getCommandLine();
        console.complain(exception.getMessage());
        console.complain("see '" + command.getCommandSpec().qualifiedName() + " --help'");
        return ExitCode.USAGE;
    }

    int report(Throwable exception) {
        int exitCode = switch (exception) {
            case ToolException e -> complain(e.exitCode(), e.getMessage());
            case StoreException e -> complain(ExitCode.STORE, e.getMessage());
            case UncheckedIOException e -> complain(ExitCode.IO, describe(e.getCause()));
            case IOException e -> complain(ExitCode.IO, describe(e));
            default -> defect(exception);
        };
        if (stacktrace.getAsBoolean() && exitCode != ExitCode.DEFECT) {
            exception.printStackTrace(console.err());
        }
        return exitCode;
    }

    private int complain(int exitCode, String message) {
        console.complain(message);
        return exitCode;
    }

    private int defect(Throwable exception) {
        console.complain("a defect of Penstock, please report it with these lines:");
        exception.printStackTrace(console.err());
        return ExitCode.DEFECT;
    }

    /** The JDK's file exceptions say what is wrong by their class, and name only the file in their message. */
    static String describe(IOException exception) {
        return switch (exception) {
            case NoSuchFileException e -> e.getFile() + ": no such file or directory";
            case AccessDeniedException e -> e.getFile() + ": permission denied";
            case FileSystemException e -> e.getMessage();
            default -> exception.getMessage() == null ? exception.getClass().getSimpleName() : exception.getMessage();
        };
    }
}
