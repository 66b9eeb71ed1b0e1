package dev.penstock.tools.command;

import dev.penstock.tools.parser.FishCompletion;
import dev.penstock.tools.process.ExitCode;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock completion}: a script that teaches a shell to complete the command line. */
@Command(
        name = "completion",
        description = {
            "Print a script that completes commands, options and their values in a shell.",
            "bash and zsh: source <(penstock completion bash). fish: penstock completion fish | source"
        },
        footer = {"  source <(penstock completion bash)", "  penstock completion fish | source"})
final class CompletionCommand implements Callable<Integer> {

    /** The shells that there are scripts for. */
    private enum Shell {
        bash,
        zsh,
        fish
    }

    @ParentCommand
    private RootCommand root;

    @Parameters(index = "0", paramLabel = "SHELL", description = "One of ${COMPLETION-CANDIDATES}.")
    private Shell shell;

    @Override
    public Integer call() throws IOException {
        CommandLine model = root.model();
        root.console()
                .line(
                        switch (shell) {
                            // The script of bash asks which shell reads it, and makes zsh understand it.
                            case bash, zsh ->
                                AutoComplete.bash("penstock", model).stripTrailing();
                            case fish -> FishCompletion.of(model).stripTrailing();
                        });
        return ExitCode.OK;
    }
}
