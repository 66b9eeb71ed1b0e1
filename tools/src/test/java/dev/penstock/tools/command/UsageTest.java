package dev.penstock.tools.command;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.tools.Cli;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {

    private static final List<String> COMMANDS = List.of(
            "serve",
            "cluster",
            "get",
            "put",
            "del",
            "scan",
            "load",
            "export",
            "import",
            "inspect",
            "verify",
            "compact",
            "backup",
            "restore",
            "top",
            "bench",
            "version",
            "completion",
            "help");

    @Test
    void theHelpNamesEverySubcommandAndExitCode() {
        Cli.Result help = Cli.run("--help").exits(0);
        for (String command : new String[] {
            "serve", "cluster", "get", "put", "del", "scan", "load", "export", "import", "inspect", "verify", "compact",
            "backup", "restore", "top", "bench"
        }) {
            assertTrue(help.out().contains("\n  " + command + " "), command);
        }
        for (int code : new int[] {0, 1, 2, 3, 4, 70}) {
            assertTrue(help.out().contains("\n  " + code + " "), "exit code " + code);
        }
        assertEquals("", help.err());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "serve", "get", "put", "del", "scan", "load", "export", "import", "inspect", "verify", "compact",
                "backup", "restore"
            })
    void eachSubcommandExplainsItself(String command) {
        Cli.Result help = Cli.run(command, "--help").exits(0);
        assertTrue(help.out().startsWith("\nUsage: penstock " + command + " "), help.out());
        assertTrue(
                help.out().contains("DIR            The store's directory.")
                        || help.out().contains("The store's directory."),
                help.out());
        assertTrue(help.out().contains("Exit codes:"), help.out());
        assertTrue(help.out().lines().allMatch(line -> line.length() <= 100), "a line is longer than 100 columns");
        assertEquals(1, help.out().split("Usage:", -1).length - 1, "printed once");
    }

    @ParameterizedTest
    @ValueSource(strings = {"top", "bench"})
    void aCommandForServersTakesTheirAddressFirst(String command) {
        Cli.Result help = Cli.run(command, "--help").exits(0);
        assertTrue(help.lines().stream().anyMatch(line -> line.matches(".* HOST:PORT(\\|DIR)?")), help.out());
        assertTrue(help.out().contains("Exit codes:"), help.out());
        assertTrue(help.out().lines().allMatch(line -> line.length() <= 100), "a line is longer than 100 columns");
        assertTrue(Cli.run(command).exits(2).err().contains("HOST:PORT"), command);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "get", "put", "del", "scan", "load", "export", "import", "inspect", "verify", "compact", "backup",
                "restore"
            })
    void theDirectoryIsAlwaysTheFirstParameter(String command) {
        assertTrue(
                Pattern.compile("\\]\\s+DIR")
                        .matcher(Cli.run(command, "--help").out())
                        .find(),
                command);
        Cli.Result none = Cli.run(command).exits(2);
        assertTrue(none.err().contains("DIR"), none.err());
    }

    @Test
    void theVersionIsTheBuilds() {
        Cli.Result version = Cli.run("--version").exits(0);
        assertTrue(version.out().matches("penstock \\d+\\.\\d+\\.\\d+\\S*\n"), version.out());
    }

    @Test
    void aCommandLineThatMakesNoSenseIsToldInOneLineAndExits2() {
        assertAll(
                () -> assertUsage("penstock: no command given; the commands are serve, cluster, get, "),
                () -> assertUsage(
                        "penstock: unknown command 'frobnicate'; the commands are serve, cluster, get, ", "frobnicate"),
                () -> assertUsage("penstock: KEY is missing (", "get", "dir"),
                () -> assertUsage("penstock: DIR and KEY are missing (", "get"),
                () -> assertUsage("penstock: KEY is missing (", "get", "dir", "--json"),
                () -> assertUsage("penstock: unknown option '--no-such' (", "get", "dir", "key", "--no-such"),
                () -> assertUsage(
                        "penstock: unknown option '--prot'; did you mean '--port'? (", "serve", "dir", "--prot", "1"),
                () -> assertUsage(
                        "penstock: KEY is missing; a key or value that begins with '-' goes after --",
                        "get",
                        "dir",
                        "-key"),
                () -> assertUsage("penstock: unknown option '--no-such' (", "--no-such"),
                () -> assertUsage("penstock: one word too many: 'b'", "get", "dir", "a", "b"),
                () -> assertUsage("penstock: --limit must be 0 or more, not -1", "scan", "dir", "--limit", "-1"),
                () -> assertUsage(
                        "penstock: --limit needs a whole number, not 'many' (", "scan", "dir", "--limit", "many"),
                () -> assertUsage("penstock: --limit needs a value, N (", "scan", "dir", "--limit"),
                () -> assertUsage(
                        "penstock: --limit is given more than once (", "scan", "d", "--limit", "1", "--limit", "2"),
                () -> assertUsage("penstock: --duration needs a number, not 'x' (", "bench", "h:1", "--duration", "x"),
                () -> assertUsage(
                        "penstock: --workload needs one of A, B, C, D, F, not 'x' (",
                        "bench",
                        "h:1",
                        "--workload",
                        "x"),
                () -> assertUsage(
                        "penstock: HOST:PORT: 'nowhere' is neither HOST:PORT nor the path of a Unix domain socket;",
                        "bench",
                        "nowhere"),
                () -> assertUsage(
                        "penstock: --rate: '0' is neither a number above 0 and below 10^12 nor 'max' (",
                        "bench",
                        "h:1",
                        "--rate",
                        "0"),
                () -> assertUsage(
                        "penstock: --value-size: 'x' is no value size; sizes look like ",
                        "bench",
                        "h:1",
                        "--value-size",
                        "x"),
                () -> assertUsage("penstock: SHELL needs one of bash, zsh, fish, not 'x' (", "completion", "x"));
    }

    @Test
    void whatWasProbablyMeantIsSuggestedAndNothingElse() {
        assertAll(
                () -> assertUsage("penstock: unknown command 'vrify'; did you mean 'verify'? (", "vrify", "d"),
                () -> assertUsage("penstock: unknown command 'sreve'; did you mean 'serve'? (", "sreve", "d"),
                () -> assertUsage("penstock: unknown command 'set'; did you mean 'put'? (", "set", "d", "k"),
                () -> assertUsage("penstock: unknown command 'st'; the commands", "st"),
                () -> assertUsage(
                        "penstock: unknown command 'stats'; did you mean 'inspect' or 'top'? (", "stats", "d"),
                () -> assertUsage("penstock: unknown option '--hx'; did you mean '--hex'? (", "get", "d", "--hx"),
                () -> assertUsage(
                        "penstock: unknown option '--jsn'; did you mean '--json'? (", "get", "d", "k", "--jsn"),
                () -> assertUsage("penstock: unknown option '--verison'; did you mean '--version'? (", "--verison"),
                () -> assertUsage("penstock: unknown command 'vrify'; did you mean 'verify'? (", "help", "vrify"));
    }

    /**
     * A hint at -- is of no use to a user who mistyped an option, and of use to one whose key begins with a minus sign.
     */
    @Test
    void theHintAtTheTwoDashesIsGivenOnlyForWhatMayBeAKey() {
        String hint = "goes after --";
        assertTrue(Cli.run("get", "dir", "-key").exits(2).complaint().contains(hint));
        assertTrue(Cli.run("get", "dir", "key", "-x").exits(2).complaint().contains(hint));
        for (String option : new String[] {"--no-such", "--no-such=1"}) {
            assertFalse(Cli.run("get", "dir", option).exits(2).complaint().contains(hint), option);
            assertFalse(
                    Cli.run("get", "dir", "key", option).exits(2).complaint().contains(hint), option);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"get", "put", "del", "scan", "inspect", "verify", "compact", "serve"})
    void theAddressOfAServerIsNotTakenForADirectory(String command, @TempDir Path folder) {
        for (String address : new String[] {"127.0.0.1:6380", "localhost:6380", "[::1]:6380"}) {
            Object[] words = switch (command) {
                case "get", "del" -> new Object[] {command, address, "key"};
                case "put" -> new Object[] {command, address, "key", "value"};
                default -> new Object[] {command, address};
            };
            Cli.Result refused = Cli.run(words).exits(2);
            assertTrue(refused.complaint().contains("only top and bench take an address"), refused.err());
            assertFalse(Files.exists(Path.of(address)));
        }
        Path named = folder.resolve("localhost:6380");
        Cli.run("put", named, "key", "value").exits(0);
    }

    /** A reader copies an example; it must be a command line that the program takes. */
    @Test
    void everyCommandHasExamplesWhoseOptionsThereAre() {
        int count = 0;
        for (String command : COMMANDS) {
            String help = Cli.run(command, "--help").exits(0).out();
            String examples = help.substring(help.indexOf("\nExamples:\n") + 1);
            assertTrue(examples.contains("penstock " + command), help);
            for (String line : examples.lines().skip(1).toList()) {
                for (String word : line.replaceFirst(".*penstock ", "").split("[ )]", -1)) {
                    if (word.startsWith("--") && word.length() > 2) {
                        count++;
                        assertTrue(help.contains(word) || line.contains("|"), line);
                    }
                }
            }
        }
        assertTrue(count > 5, "only " + count + " options were found");
    }

    @Test
    void helpIsACommandToo() {
        assertEquals(Cli.run("--help").exits(0).out(), Cli.run("help").exits(0).out());
        assertEquals(
                Cli.run("bench", "--help").exits(0).out(),
                Cli.run("help", "bench").exits(0).out());
        assertTrue(Cli.run("--help").out().contains("\n  help "));
    }

    private static void assertUsage(String complaint, String... arguments) {
        Cli.Result result = Cli.run((Object[]) arguments).exits(2);
        assertTrue(result.complaint().startsWith(complaint), result.err());
        assertTrue(result.err().contains("--help'"), result.err());
        assertEquals("", result.out());
        assertFalse(result.err().contains("\tat "), result.err());
    }
}
