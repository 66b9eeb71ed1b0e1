package dev.penstock.tools.parser;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Generates a completion script for fish, which picocli does not support, from a command line's model. */
public final class FishCompletion {

    private final StringBuilder script = new StringBuilder("# fish completion of penstock\n");

    private FishCompletion() {}

    public static String of(CommandLine root) {
        FishCompletion completion = new FishCompletion();
        completion.options("__fish_use_subcommand", root);
        root.getSubcommands().forEach((name, command) -> {
            completion.complete("__fish_use_subcommand", "-f -a " + quote(name), summary(command));
            completion.options("__fish_seen_subcommand_from " + name, command);
            for (PositionalParamSpec parameter : command.getCommandSpec().positionalParameters()) {
                if (parameter.completionCandidates() != null) {
                    completion.complete(
                            "__fish_seen_subcommand_from " + name,
                            "-f -a " + quote(candidates(parameter.completionCandidates())),
                            "");
                }
            }
        });
        return completion.script.toString();
    }

    private void options(String condition, CommandLine command) {
        for (OptionSpec option : command.getCommandSpec().options()) {
            if (option.hidden()) {
                continue;
            }
            String names = Arrays.stream(option.names())
                    .map(name -> name.startsWith("--") ? "-l " + name.substring(2) : "-s " + name.substring(1))
                    .collect(Collectors.joining(" "));
            String value = "";
            if (option.arity().max() > 0 && option.arity().min() > 0) {
                value = " -r";
                if (option.completionCandidates() != null) {
                    value += " -f -a " + quote(candidates(option.completionCandidates()));
                } else {
                    value += option.type() == Path.class ? " -F" : " -f";
                }
            }
            String text = option.description().length == 0 ? "" : option.description()[0];
            complete(condition, names + value, firstSentence(text));
        }
    }

    private void complete(String condition, String what, String description) {
        script.append("complete -c penstock -n ")
                .append(quote(condition))
                .append(' ')
                .append(what);
        if (!description.isEmpty()) {
            script.append(" -d ").append(quote(description));
        }
        script.append('\n');
    }

    private static String summary(CommandLine command) {
        String[] description = command.getCommandSpec().usageMessage().description();
        return description.length == 0 ? "" : firstSentence(description[0]);
    }

    /** Up to the first full stop, without what picocli replaces when it prints. */
    private static String firstSentence(String text) {
        String sentence = text.split("(?<=[.:;]) ", 2)[0];
        return sentence.replace("%%", "%").replaceAll("\\$\\{[^}]*}", "...").replaceAll("[.:;]$", "");
    }

    private static String candidates(Iterable<String> candidates) {
        return StreamSupport.stream(candidates.spliterator(), false).collect(Collectors.joining(" "));
    }

    private static String quote(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
