package dev.penstock.tools.parser;

import dev.penstock.tools.text.Spelling;
import dev.penstock.tools.text.TextFile;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * A command's options from a file: {@code name=value} or {@code name value}, one a line, with the options' own names,
 * in the syntax of a Java properties file. The command line takes precedence, since the parser uses a default only for
 * an option that is not given.
 *
 * <p>The JDK parses each line separately, because it does not report line numbers, and an error must name them.
 */
public final class ConfigFile implements IDefaultValueProvider {

    /** What only a command line can say. */
    private static final Set<String> NEVER = Set.of("config", "help", "version", "stacktrace");

    private record Entry(int line, String value) {}

    private final Path path;
    private final Map<String, Entry> entries = new HashMap<>();
    private @Nullable Entry given;

    private ConfigFile(Path path) {
        this.path = path;
    }

    /**
     * @throws IllegalArgumentException with file and line if it holds what is no option of the command
     */
    public static ConfigFile read(Path path, CommandSpec command) throws IOException {
        ConfigFile file = new ConfigFile(path);
        List<String> lines = TextFile.read(path).lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            file.add(i + 1, lines.get(i), command);
        }
        return file;
    }

    private void add(int line, String text, CommandSpec command) throws IOException {
        if (text.endsWith("\\")) {
            throw new IllegalArgumentException(place(line) + "an entry is one line; this one ends with a backslash");
        }
        Properties parsed = new Properties();
        try {
            parsed.load(new StringReader(text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(place(line) + e.getMessage(), e);
        }
        for (String name : parsed.stringPropertyNames()) {
            if (NEVER.contains(name) || !command.optionsMap().containsKey("--" + name)) {
                throw new IllegalArgumentException(
                        place(line) + "there is no setting '" + name + "'" + Spelling.suggestion(name, names(command)));
            }
            Entry before =
                    entries.put(name, new Entry(line, parsed.getProperty(name).strip()));
            if (before != null) {
                throw new IllegalArgumentException(place(line) + "'" + name + "' was set in line " + before.line());
            }
        }
    }

    private static List<String> names(CommandSpec command) {
        return command.options().stream()
                .map(option -> option.longestName().substring(2))
                .filter(name -> !NEVER.contains(name))
                .toList();
    }

    private String place(int line) {
        return path + " line " + line + ": ";
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        given = argument instanceof OptionSpec option
                ? entries.get(option.longestName().substring(2))
                : null;
        return given == null ? null : given.value();
    }

    /** A complaint about a value, with file and line where the value given last came from here. */
    public String explain(String complaint) {
        return given == null ? complaint : place(given.line()) + complaint;
    }

    /** All values were taken; no later complaint is about one of them alone. */
    public void accepted() {
        given = null;
    }
}
