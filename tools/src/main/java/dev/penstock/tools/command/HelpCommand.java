package dev.penstock.tools.command;

import dev.penstock.tools.process.ExitCode;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code penstock help}: the same as {@code --help}. */
@Command(name = "help", description = "Explain a command, or list all commands.", footer = "  penstock help put")
final class HelpCommand implements Callable<Integer> {

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "COMMAND",
            description = "The command to explain; all if not given.")
    private @Nullable String command;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        CommandLine root = spec.parent().commandLine();
        CommandLine explained = command == null ? root : root.getSubcommands().get(command);
        if (explained == null) {
            throw new UnmatchedArgumentException(root, List.of(command));
        }
        explained.usage(explained.getOut());
        return ExitCode.OK;
    }
}
