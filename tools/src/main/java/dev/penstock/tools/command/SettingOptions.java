package dev.penstock.tools.command;

import dev.penstock.server.config.Setting;
import dev.penstock.server.config.Setting.Kind;
import dev.penstock.server.config.SettingTable;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;

/** Adds an option for each of the server's settings to a command that serves. */
final class SettingOptions implements IModelTransformer {

    @Override
    public CommandSpec transform(CommandSpec spec) {
        ServerSettings.Owner command = (ServerSettings.Owner) spec.userObject();
        SettingTable.all().stream()
                .filter(Setting::isAtStart)
                .filter(command::takes)
                .forEach(setting -> spec.addOption(option(setting, command.settings())));
        return spec;
    }

    private static OptionSpec option(Setting setting, ServerSettings settings) {
        OptionSpec.Builder option = OptionSpec.builder("--" + setting.name())
                .type(setting.kind() == Kind.PATH ? Path.class : String.class)
                .paramLabel(
                        setting.kind() == Kind.FLAG ? "BOOL" : setting.label().replace(",...", ""))
                .description(description(setting))
                .setter(setter(setting, settings));
        if (setting.kind() == Kind.FLAG) {
            option.arity("0..1").fallbackValue("yes");
        } else if (setting.kind() == Kind.WORD) {
            option.completionCandidates(setting.words());
        }
        return option.build();
    }

    /** The help as sentences. */
    private static String description(Setting setting) {
        String help = setting.help();
        String sentence = Character.toUpperCase(help.charAt(0)) + help.substring(1) + ".";
        String suffix = setting.kind() == Kind.FLAG || setting.defaultWords().equals("none")
                ? ""
                : " Default: " + setting.defaultWords() + ".";
        return (sentence + suffix).replace("%", "%%");
    }

    private static ISetter setter(Setting setting, ServerSettings settings) {
        return new ISetter() {
            @Override
            public <T> @Nullable T set(@Nullable T value) {
                if (value != null) {
                    settings.give(setting, value);
                }
                return null;
            }
        };
    }
}
