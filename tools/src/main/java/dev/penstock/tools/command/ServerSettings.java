package dev.penstock.tools.command;

import dev.penstock.server.ServerOptions;
import dev.penstock.server.config.Setting;
import dev.penstock.server.config.SettingTable;
import dev.penstock.store.StoreOptions;
import dev.penstock.tools.console.Failures;
import dev.penstock.tools.parser.ConfigFile;
import dev.penstock.tools.serve.Serve;
import dev.penstock.tools.serve.ServerLog;
import dev.penstock.tools.text.ByteText;
import dev.penstock.tools.text.KeyText;
import dev.penstock.tools.text.ProcessBytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The settings of a server, from the command line and from a file. Each is checked as it is taken, so that an error
 * names it.
 */
final class ServerSettings {

    /** A command that takes them; its model is made by {@link SettingOptions}. */
    interface Owner {

        ServerSettings settings();

        /** Whether a setting is an option of the command. */
        boolean takes(Setting setting);
    }

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    private final Set<Setting> given = new HashSet<>();
    private final Map<Setting, String> own = new HashMap<>();
    private ServerOptions options = ServerOptions.defaults();
    private @Nullable ConfigFile configFile;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Read options from FILE, one per line, as in 'port=6380'. The command line takes precedence.")
    void config(Path file) {
        try {
            configFile = ConfigFile.read(file, spec);
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), Failures.describe(e), e);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        spec.defaultValueProvider(configFile);
    }

    /** Takes the value of a setting, from the command line or the file: a path, or text. */
    void give(Setting setting, Object value) {
        given.add(setting);
        try {
            if (value instanceof Path path) {
                options = options.with(setting, path);
            } else if (setting.isOfServer()) {
                options = options.with(setting, value.toString());
            } else {
                own.put(setting, setting.parse(value.toString()));
            }
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    /** Whether a setting was given, even with the value that it has by default. */
    boolean isGiven(Setting setting) {
        return given.contains(setting);
    }

    /** The value of a setting that the server leaves to this program. */
    private String own(Setting setting) {
        return own.getOrDefault(setting, setting.value());
    }

    private void set(UnaryOperator<ServerOptions> change) {
        try {
            options = change.apply(options);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    /** Checks what belongs together, and takes the password of the environment; then all is known. */
    ServerOptions accept(Path directory) throws IOException {
        if (configFile != null) {
            configFile.accepted();
        }
        if (options.passwordFile().isEmpty()) {
            String password = passwordOfTheEnvironment();
            set(now -> password == null ? now : now.withPassword(password));
        }
        set(now -> now.withShownSettings(shown(directory)));
        set(now -> {
            now.tls(); // all of it, or nothing
            now.httpOrigin();
            return now;
        });
        return options;
    }

    ServerLog log() {
        return new ServerLog(own(SettingTable.LOG_FORMAT).equals("json"), own(SettingTable.LOG_LEVEL));
    }

    /** What CONFIG GET shows beside the server's settings. */
    private Map<String, String> shown(Path directory) {
        Map<String, String> shown = new HashMap<>();
        SettingTable.all().stream()
                .filter(setting -> !setting.isOfServer())
                .forEach(setting -> shown.put(setting.name(), own(setting)));
        shown.put("dir", directory.toAbsolutePath().toString());
        return shown;
    }

    StoreOptions storeOptions() {
        return StoreOptions.defaults()
                .withVerifyOnRead(own(SettingTable.VERIFY_ON_READ).equals("yes"))
                .withCompactionRate(Long.parseLong(options.value(SettingTable.COMPACTION_RATE)));
    }

    /** Null if there is none. A password is never on the command line, which every user of the machine can see. */
    private @Nullable String passwordOfTheEnvironment() {
        String text = ProcessBytes.variable(Serve.PASSWORD_VARIABLE);
        if (text == null || KeyText.text(ByteText.bytes(text)) != null) {
            return text == null ? null : text.lines().findFirst().orElse("");
        }
        throw new ParameterException(spec.commandLine(), Serve.PASSWORD_VARIABLE + " is not UTF-8 text");
    }
}
