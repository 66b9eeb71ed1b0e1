package dev.penstock.tools.parser;

import dev.penstock.tools.text.Spelling;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Describes an error in a command line, in the style of the program's other messages. */
public final class UsageProblem {

    private static final String AFTER_DASHES = "; a key or value that begins with '-' goes after --";
    private static final Pattern LONG_OPTION = Pattern.compile("--[a-z][a-z-]*(=.*)?", Pattern.DOTALL);
    private static final Pattern QUOTED = Pattern.compile("'([^']+)'");
    private static final Pattern BAD_VALUE = Pattern.compile(
            "Invalid value for (?:option '(\\S+)'(?: \\(.*?\\))?|positional parameter at index \\S+ \\((.*?)\\)):"
                    + " (.*)");
    private static final Pattern NO_NUMBER = Pattern.compile("('.*') is not an? (int|long|double)");
    private static final Pattern NOT_CONVERTED =
            Pattern.compile("cannot convert '.*' to \\S+ \\(\\S+?Exception: (.*)\\)", Pattern.DOTALL);
    private static final Pattern NO_WORD =
            Pattern.compile("expected one of \\[(.*)\\] \\(case-(?:in)?sensitive\\) but was ('.*')");

    private final Collection<String> commands;
    private final String[] words;

    /**
     * @param commands the names of all commands
     * @param words the command line
     */
    public UsageProblem(Collection<String> commands, String... words) {
        this.commands = commands;
        this.words = words;
    }

    public String describe(ParameterException exception) {
        CommandSpec command = exception.getCommandLine().getCommandSpec();
        boolean root = exception.getCommandLine().getParent() == null;
        return switch (exception) {
            case UnmatchedArgumentException e
            when e.isUnknownOption() -> unknownOption(e.getUnmatched().getFirst(), command, root);
            case UnmatchedArgumentException e
            when root -> unknownCommand(e.getUnmatched().getFirst());
            case UnmatchedArgumentException e
            when !command.subcommands().isEmpty() ->
                unknownSubcommand(e.getUnmatched().getFirst(), command);
            case UnmatchedArgumentException e ->
                "one word too many: '" + e.getUnmatched().getFirst() + "'";
            case MissingParameterException e -> missing(e, command);
            case OverwrittenOptionException e -> name(e.getOverwritten()) + " is given more than once";
            case ParameterException e when root -> "no command given; " + listOfCommands();
            case ParameterException e
            when !command.subcommands().isEmpty() ->
                command.name() + " needs one of "
                        + String.join(", ", command.subcommands().keySet());
            default -> badValue(message(exception).replaceAll("\\s*\\R\\s*", " "));
        };
    }

    private static String unknownOption(String option, CommandSpec command, boolean root) {
        String near = Spelling.suggestion(option, command.optionsMap().keySet());
        boolean mayBeKey =
                !root && near.isEmpty() && !LONG_OPTION.matcher(option).matches();
        return "unknown option '" + option + "'" + near + (mayBeKey ? AFTER_DASHES : "");
    }

    private String unknownCommand(String word) {
        String near = Spelling.suggestion(word, commands);
        return "unknown command '" + word + "'" + (near.isEmpty() ? "; " + listOfCommands() : near);
    }

    private static String unknownSubcommand(String word, CommandSpec command) {
        Collection<String> names = command.subcommands().keySet();
        String near = Spelling.suggestion(word, names);
        return "unknown command '" + command.name() + " " + word + "'"
                + (near.isEmpty() ? "; " + command.name() + " needs one of " + String.join(", ", names) : near);
    }

    private String listOfCommands() {
        return "the commands are " + String.join(", ", commands);
    }

    /** A word that begins with '-' is not taken for a parameter, so that it may be the reason why one is missing. */
    private String missing(MissingParameterException exception, CommandSpec command) {
        if (exception.getMissing().getFirst() instanceof OptionSpec option) {
            return option.longestName() + " needs a value, " + option.paramLabel();
        }
        List<String> dashed = Stream.of(words)
                .takeWhile(word -> !word.equals("--"))
                .filter(word -> word.startsWith("-") && word.length() > 1)
                .filter(word -> !command.optionsMap().containsKey(word.replaceFirst("=.*", "")))
                .toList();
        if (!dashed.isEmpty() && LONG_OPTION.matcher(dashed.getFirst()).matches()) {
            return unknownOption(dashed.getFirst(), command, false);
        }
        // All of them are in the message only.
        List<String> names = QUOTED.matcher(message(exception))
                .results()
                .map(quoted -> quoted.group(1))
                .toList();
        return String.join(" and ", names)
                + (names.size() == 1 ? " is missing" : " are missing")
                + (dashed.isEmpty() ? "" : AFTER_DASHES);
    }

    private static String message(ParameterException exception) {
        return String.valueOf(exception.getMessage());
    }

    private static String name(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }

    private static String badValue(String message) {
        Matcher bad = BAD_VALUE.matcher(message);
        if (!bad.matches()) {
            return message;
        }
        String name = bad.group(1) != null ? bad.group(1) : bad.group(2);
        Matcher number = NO_NUMBER.matcher(bad.group(3));
        if (number.matches()) {
            String kind = number.group(2).equals("double") ? "a number" : "a whole number";
            return name + " needs " + kind + ", not " + number.group(1);
        }
        Matcher reason = NOT_CONVERTED.matcher(bad.group(3));
        if (reason.matches()) {
            return name + ": " + reason.group(1);
        }
        Matcher word = NO_WORD.matcher(bad.group(3));
        return word.matches()
                ? name + " needs one of " + word.group(1) + ", not " + word.group(2)
                : name + ": " + bad.group(3);
    }
}
