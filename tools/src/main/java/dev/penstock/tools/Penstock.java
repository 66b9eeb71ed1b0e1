package dev.penstock.tools;

import dev.penstock.tools.command.RootCommand;
import dev.penstock.tools.console.Console;
import dev.penstock.tools.console.Failures;
import dev.penstock.tools.console.TerminalWidth;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import dev.penstock.tools.serve.Serve;
import dev.penstock.tools.text.ByteText;
import dev.penstock.tools.text.ProcessBytes;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.util.Locale;

/**
 * The program {@code penstock}. {@link #run} is all of it except {@code System.exit}, so that a test can run it.
 *
 * <p>A plain {@code serve} bypasses the command-line parser, which takes longer to initialize than the server.
 */
final class Penstock {

    private Penstock() {}

    public static void main(String[] arguments) {
        // Output is English and its numbers are for scripts too, wherever the program runs.
        Locale.setDefault(Locale.ROOT);
        Console console = new Console(
                new FileInputStream(FileDescriptor.in),
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                // The launcher passes it: the shell knows it, and here it takes another process.
                new TerminalWidth(Integer.getInteger("penstock.columns", 0)));
        System.exit(start(console, arguments));
    }

    /** Catches everything: a JVM that ends by an exception exits with 1, which means a negative result. */
    private static int start(Console console, String... arguments) {
        try {
            return run(console, ProcessBytes.arguments(arguments));
        } catch (ToolException e) {
            console.complain(e.getMessage());
            return e.exitCode();
        } catch (Exception | Error e) {
            e.printStackTrace(console.err());
            return ExitCode.DEFECT;
        }
    }

    /**
     * Runs one command line to its end and returns the exit code.
     *
     * @param arguments the words that were typed, as {@link ByteText}
     */
    static int run(Console console, String... arguments) {
        Failures failures = new Failures(console);
        try {
            Serve serve = Serve.plain(console, arguments);
            int exitCode = serve != null ? serve.run() : new RootCommand(console, failures).execute(arguments);
            // What could not be written is reported once.
            if (exitCode != ExitCode.IO || !console.isOutputBroken()) {
                console.flush();
            }
            return exitCode;
        } catch (Exception | Error e) {
            return failures.report(e, false);
        }
    }
}
