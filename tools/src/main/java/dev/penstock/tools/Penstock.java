package dev.penstock.tools;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.util.Locale;

/**
 * The program {@code penstock}. {@link #run} is the whole of it but for {@code System.exit}, so that a test can be its
 * terminal.
 *
 * <p>The plain {@code serve} goes past the command-line parser, which takes longer to get ready than the server does.
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
                // The launcher tells, for it can ask for a few microseconds what costs a program of its own here.
                Integer.getInteger("penstock.columns", 0));
        System.exit(start(console, arguments));
    }

    /** A JVM that ends by an exception returns 1, which is a command's answer "no"; so none leaves here. */
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
            console.flush();
            return exitCode;
        } catch (Exception | Error e) {
            return failures.report(e, false);
        }
    }
}
