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
        System.exit(run(console, arguments));
    }

    /** Runs one command line to its end and returns the exit code. */
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
