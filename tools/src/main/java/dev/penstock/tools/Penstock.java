package dev.penstock.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * The program {@code penstock}: names the subcommands and holds what they share. {@link #run} is the whole program but
 * for {@code System.exit}, so that a test can be its terminal.
 */
@Command(
        name = "penstock",
        description = "A memory-mapped key-value store: serve it, use it, look after it.",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        versionProvider = Penstock.Version.class,
        synopsisHeading = "%nUsage: ",
        descriptionHeading = "%n",
        parameterListHeading = "%nParameters:%n",
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nCommands:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0: done",
            "1: done, but the answer is no: a key is absent, damage was found, input was left out",
            "2: the command line makes no sense",
            "3: the store refused: no store, locked, damaged, written by a newer version, disk full",
            "4: a file, pipe or port outside the store failed",
            "70: a defect of Penstock"
        })
final class Penstock {

    /** The subcommands in the order of the help. */
    private static final Map<String, Supplier<Object>> SUBCOMMANDS = subcommands();

    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "On an error, print where in the program it arose.")
    boolean stacktrace;

    private final Console console;

    private Penstock(Console console) {
        this.console = console;
    }

    Console console() {
        return console;
    }

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
        Penstock penstock = new Penstock(console);
        Failures failures = new Failures(console, () -> penstock.stacktrace);
        try {
            int exitCode = commandLine(penstock, arguments)
                    .setExecutionExceptionHandler(failures)
                    .setParameterExceptionHandler(failures)
                    .execute(arguments);
            console.flush();
            return exitCode;
        } catch (IOException | Error e) {
            return failures.report(e);
        }
    }

    private static Map<String, Supplier<Object>> subcommands() {
        Map<String, Supplier<Object>> subcommands = new LinkedHashMap<>();
        subcommands.put("serve", ServeCommand::new);
        subcommands.put("get", GetCommand::new);
        subcommands.put("put", PutCommand::new);
        subcommands.put("del", DelCommand::new);
        subcommands.put("scan", ScanCommand::new);
        subcommands.put("load", LoadCommand::new);
        subcommands.put("inspect", InspectCommand::new);
        subcommands.put("verify", VerifyCommand::new);
        subcommands.put("compact", CompactCommand::new);
        return subcommands;
    }

    private static CommandLine commandLine(Penstock penstock, String[] arguments) {
        CommandLine commandLine = new CommandLine(penstock);
        // Building the model of a subcommand takes milliseconds: if it is plain which one is meant, only that one's.
        String first = arguments.length == 0 ? "" : arguments[0];
        SUBCOMMANDS.forEach((name, subcommand) -> {
            if (name.equals(first) || !SUBCOMMANDS.containsKey(first)) {
                commandLine.addSubcommand(name, subcommand.get());
            }
        });
        return commandLine
                .setOut(new PrintWriter(penstock.console.out(), true, UTF_8))
                .setErr(new PrintWriter(penstock.console.err(), true, UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(false)
                .setUsageHelpWidth(100);
    }

    /** The version the build wrote into the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() throws IOException {
            Properties properties = new Properties();
            try (InputStream resource = Penstock.class.getResourceAsStream("version.properties")) {
                properties.load(resource);
            }
            return new String[] {"penstock " + properties.getProperty("version")};
        }
    }
}
