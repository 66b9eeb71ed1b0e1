package dev.penstock.tools.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.tools.Cli;
import dev.penstock.tools.Installed;
import dev.penstock.tools.process.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real shells read the scripts and complete what is there. */
class CompletionCommandTest {

    @TempDir
    Path folder;

    @BeforeEach
    void aFileToComplete() throws Exception {
        Files.writeString(folder.resolve("penstock.conf"), "");
    }

    private Path script(String shell) throws Exception {
        return Files.write(
                folder.resolve("completion." + shell),
                Cli.run("completion", shell).exits(0).output().bytes());
    }

    private static List<String> bash(Path script, String... words) throws Exception {
        String line = "compopt() { :; }; source " + script + "; COMP_WORDS=(penstock " + String.join(" ", words)
                + "); COMP_CWORD=" + words.length + "; _complete_penstock; printf '%s\\n' \"${COMPREPLY[@]}\"";
        return Installed.run("bash", "-c", line).lines().map(String::strip).toList();
    }

    @Test
    void bashCompletesCommandsOptionsAndValues() throws Exception {
        Installed.assume("bash");
        Path script = script("bash");
        assertTrue(bash(script, "ver").containsAll(List.of("verify", "version")));
        assertTrue(bash(script, "''").containsAll(List.of("serve", "bench", "top", "completion")));
        assertEquals(List.of("--value-size"), bash(script, "bench", "--val"));
        assertTrue(bash(script, "serve", "--log-format", "''").containsAll(List.of("text", "json")));
    }

    @Test
    void zshReadsTheScriptAndKnowsTheCommand() throws Exception {
        Installed.assume("zsh");
        Path script = script("zsh");
        String line = "autoload -U +X compinit && compinit -u -d " + folder.resolve("dump") + "; source " + script
                + "; print -- $_comps[penstock]";
        String known = Installed.run("zsh", "-f", "-c", line);
        assertTrue(known.contains("_complete_penstock"), known);
        String words = "source " + script
                + " 2>/dev/null; COMP_WORDS=(penstock ver); COMP_CWORD=1;"
                + " functions _complete_penstock >/dev/null && print there";
        assertTrue(Installed.run(
                        "zsh",
                        "-f",
                        "-c",
                        "autoload -U +X compinit && compinit -u -d " + folder.resolve("dump2") + "; " + words)
                .contains("there"));
    }

    private static Set<String> fish(Path script, String commandLine) throws Exception {
        String line = "source " + script + "; complete -C '" + commandLine + "'";
        // A completion is followed by a tab and its description.
        return Set.copyOf(
                Arrays.stream(Installed.run("fish", "--no-config", "-c", line).split("\n", -1))
                        .map(found -> found.replaceFirst("\t.*", ""))
                        .distinct()
                        .toList());
    }

    @Test
    void fishCompletesCommandsOptionsValuesAndFiles() throws Exception {
        Installed.assume("fish");
        Path script = script("fish");
        assertEquals(Set.of("verify", "version"), fish(script, "penstock ver"));
        assertTrue(fish(script, "penstock bench --val").contains("--value-size"));
        assertTrue(fish(script, "penstock serve --log-format ").containsAll(Set.of("text", "json")));
        assertTrue(fish(script, "penstock completion ").containsAll(Set.of("bash", "zsh", "fish")));
        assertTrue(fish(script, "penstock serve --config " + folder + "/pens").contains(folder + "/penstock.conf"));
        assertTrue(fish(script, "penstock get " + folder + "/pens").contains(folder + "/penstock.conf"));
    }

    @Test
    void anotherShellIsRefused() {
        Cli.Result result = Cli.run("completion", "tcsh").exits(ExitCode.USAGE);
        assertTrue(result.complaint().contains("tcsh"), result.err());
        Cli.run("completion").exits(ExitCode.USAGE);
    }
}
