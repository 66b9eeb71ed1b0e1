package dev.penstock.tools.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.store.Release;
import dev.penstock.tools.console.Console;
import dev.penstock.tools.console.Failures;
import dev.penstock.tools.parser.ConfigFile;
import dev.penstock.tools.parser.UsageProblem;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.text.RawFileNames;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The command {@code penstock} itself: names the subcommands and has the options that they share. */
@Command(
        name = "penstock",
        description = {
            "A memory-mapped key-value store: serve it, use it, maintain it.",
            "All commands but top, bench and cluster work on a store's directory, not on the address of a server."
        },
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        versionProvider = RootCommand.Version.class,
        synopsisHeading = "%nUsage: ",
        descriptionHeading = "%n",
        parameterListHeading = "%nParameters:%n",
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nCommands:%n",
        footerHeading = "%nExamples:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0: done",
            "1: done, with a negative result: a key is absent, damage was found, input was skipped",
            "2: usage error",
            "3: the store failed: not a store, locked, damaged, written by another version, disk full",
            "4: a file, pipe or port outside the store failed",
            "70: a bug in Penstock"
        },
        footer = {
            "  penstock serve data",
            "  penstock put data greeting hello",
            "  penstock get data greeting",
            "  penstock help put"
        })
public final class RootCommand {

    /** The subcommands in the order of the help. */
    private static final Map<String, Supplier<Object>> SUBCOMMANDS = subcommands();

    @Option(names = "--stacktrace", scope = ScopeType.INHERIT, description = "On an error, print a stack trace.")
    private boolean stacktrace;

    private final Console console;
    private final Failures failures;

    public RootCommand(Console console, Failures failures) {
        this.console = console;
        this.failures = failures;
    }

    /** The root of a subcommand's model. */
    static RootCommand of(CommandSpec subcommand) {
        return (RootCommand) subcommand.root().userObject();
    }

    Console console() {
        return console;
    }

    /** Parses a command line and runs it; returns the exit code. */
    public int execute(String... arguments) {
        return commandLine(arguments)
                .registerConverter(Path.class, RawFileNames::path)
                .setOut(new PrintWriter(console.out(), true, UTF_8))
                .setErr(new PrintWriter(console.err(), true, UTF_8))
                // A key may well start with an @.
                .setExpandAtFiles(false)
                .setUsageHelpAutoWidth(false)
                .setUsageHelpWidth(100)
                .setExecutionExceptionHandler((exception, command, parsed) -> {
                    if (exception instanceof ParameterException usage) {
                        throw usage;
                    }
                    return failures.report(exception, stacktrace);
                })
                .setParameterExceptionHandler((exception, words) -> usage(exception, words))
                .execute(arguments);
    }

    private int usage(ParameterException exception, String... words) {
        CommandLine command = exception.getCommandLine();
        String problem = new UsageProblem(SUBCOMMANDS.keySet(), words).describe(exception);
        if (command.getDefaultValueProvider() instanceof ConfigFile file) {
            problem = file.explain(problem);
        }
        console.complain("%s (see '%s --help')"
                .formatted(problem, command.getCommandSpec().qualifiedName()));
        return ExitCode.USAGE;
    }

    /** The whole command line, with every subcommand. */
    public CommandLine model() {
        return commandLine(new String[0]);
    }

    private CommandLine commandLine(String[] arguments) {
        CommandLine commandLine = new CommandLine(this);
        // Building the model of a subcommand takes milliseconds: if it is plain which one is meant, only that one's.
        String first = arguments.length == 0 ? "" : arguments[0];
        SUBCOMMANDS.forEach((name, subcommand) -> {
            if (name.equals(first) || first.equals("help") || !SUBCOMMANDS.containsKey(first)) {
                commandLine.addSubcommand(name, subcommand.get());
            }
        });
        return commandLine;
    }

    private static Map<String, Supplier<Object>> subcommands() {
        Map<String, Supplier<Object>> subcommands = new LinkedHashMap<>();
        subcommands.put("serve", () -> new CommandLine(new ServeCommand())); // which adds the settings
        subcommands.put("cluster", ClusterCommand::model);
        subcommands.put("get", GetCommand::new);
        subcommands.put("put", PutCommand::new);
        subcommands.put("del", DelCommand::new);
        subcommands.put("scan", ScanCommand::new);
        subcommands.put("load", LoadCommand::new);
        subcommands.put("export", ExportCommand::new);
        subcommands.put("import", ImportCommand::new);
        subcommands.put("inspect", InspectCommand::new);
        subcommands.put("verify", VerifyCommand::new);
        subcommands.put("repair", RepairCommand::new);
        subcommands.put("compact", CompactCommand::new);
        subcommands.put("backup", BackupCommand::new);
        subcommands.put("restore", RestoreCommand::new);
        subcommands.put("top", TopCommand::new);
        subcommands.put("bench", BenchCommand::new);
        subcommands.put("version", VersionCommand::new);
        subcommands.put("completion", CompletionCommand::new);
        subcommands.put("help", HelpCommand::new);
        return subcommands;
    }

    /** The version that the build wrote into the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"penstock " + Release.current().version()};
        }
    }
}
