package dev.penstock.tools.parser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.tools.Child;
import dev.penstock.tools.Cli;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.program.ServeCommandIT;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redis.clients.jedis.Jedis;

/** What a file may set, which of file and command line counts, and that no bad entry passes unnamed. */
class ConfigFileTest {

    @TempDir
    Path folder;

    private Path config(String text) throws IOException {
        return Files.writeString(folder.resolve("penstock.conf"), text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "prot=1 | 2: there is no setting 'prot'; did you mean 'port'?",
                "Port=1 | 2: there is no setting 'Port'; did you mean 'port'?",
                "config=other | 2: there is no setting 'config'",
                "help | 2: there is no setting 'help'",
                "port=x | 2: port must be from 0 to 65535, not x",
                "port= | 2: port must be from 0 to 65535, not  (see",
                "port=70000 | 2: port must be from 0 to 65535, not 70000",
                "maxclients=0 | 2: maxclients must be from 1 to 4294967295, not 0",
                "timeout -1 | 2: timeout must be from 0 to 2147483647, not -1",
                "slowlog-max-len=-1 | 2: slowlog-max-len must be from 0 to 100000, not -1",
                "verify-on-read=perhaps | 2: verify-on-read must be yes or no, not perhaps",
                "direct-threshold=12 apples | 2: direct-threshold must be at least 1 bytes, as in 512mb, not 12 apples",
                "transfer-threshold=1 | 2: there is no setting 'transfer-threshold'",
                "port=1\\nport=2 | 3: 'port' was set in line 2",
                "bind=a,\\\\\\nb | 2: an entry is one line; this one ends with a backslash",
                "unixsocket=\\\\u00g1 | 2: Malformed \\\\uxxxx encoding."
            })
    void aBadEntryIsNamedByFileAndLine(String entries, String complaint) throws IOException {
        Path file = config("# settings\n" + entries.translateEscapes() + "\n");
        String expected = "penstock: " + file + " line " + complaint.translateEscapes();
        Cli.Result result =
                Cli.run("serve", folder.resolve("store"), "--config", file).exits(ExitCode.USAGE);
        assertTrue(result.complaint().startsWith(expected), result.err());
        assertTrue(Files.notExists(folder.resolve("store")), "the store was made all the same");
    }

    @Test
    void aComplaintAboutTheCommandLineDoesNotBlameTheFile() throws IOException {
        Path file = config("port=1\n");
        Cli.Result port = Cli.run("serve", folder.resolve("store"), "--config", file, "--port", "x")
                .exits(ExitCode.USAGE);
        assertTrue(port.complaint().startsWith("penstock: port must be from 0 to 65535, not x"), port.err());
        Cli.Result remote = Cli.run("serve", folder.resolve("store"), "--config", config("port=0\nbind=0.0.0.0\n"))
                .exits(ExitCode.USAGE);
        assertTrue(remote.complaint().startsWith("penstock: refusing to listen on 0.0.0.0"), remote.err());
    }

    @Test
    void aFileThatCannotBeReadIsOneLine() throws IOException {
        Path none = folder.resolve("none");
        Cli.Result missing = Cli.run("serve", folder, "--config", none).exits(ExitCode.USAGE);
        assertTrue(missing.complaint().startsWith("penstock: " + none + ": no such file"), missing.err());
        Path binary = Files.write(folder.resolve("binary"), "port=\u00e9".getBytes(StandardCharsets.ISO_8859_1));
        Cli.Result text = Cli.run("serve", folder, "--config", binary).exits(ExitCode.USAGE);
        assertTrue(text.complaint().startsWith("penstock: " + binary + " is not UTF-8 text"), text.err());
    }

    @Test
    void theFileSetsAndTheCommandLineGoesBeforeIt() throws Exception {
        Path socket = folder.resolve("socket");
        Path file = config("""
                # Redis's way of writing works, too
                port 0
                maxclients = 17
                  timeout = 0

                bind=127.0.0.1
                verify-on-read=true
                allow-remote=true
                slowlog-max-len=3
                direct-threshold=512mb
                slowlog-log-slower-than=-1
                unixsocket=%s
                """.formatted(socket));
        try (Child server = Child.start(
                        "serve", folder.resolve("store"), "--maxclients", "18", "--config", file, "--verify-on-read");
                Jedis client = new Jedis(ServeCommandIT.address(server.readLine()))) {
            Map<String, String> settings = client.configGet("*");
            assertEquals("18", settings.get("maxclients"));
            assertEquals("0", settings.get("timeout"));
            assertEquals("127.0.0.1", settings.get("bind"));
            assertEquals("yes", settings.get("verify-on-read"));
            assertEquals("yes", settings.get("allow-remote"));
            assertEquals("3", settings.get("slowlog-max-len"));
            assertEquals(Long.toString(512L << 20), settings.get("direct-threshold"));
            assertEquals("-1", settings.get("slowlog-log-slower-than"));
            assertEquals(socket.toString(), settings.get("unixsocket"));
        }
    }

    /** One name for a thing: what can be given to {@code serve} can be asked for under the same name. */
    @Test
    void everyOptionIsASettingThatConfigGetTells() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "open sesame\n");
        try (Child server = Child.start("serve", folder.resolve("store"), "--port", "0", "--password-file", secret);
                Jedis client = new Jedis(ServeCommandIT.address(server.readLine()))) {
            client.auth("open sesame");
            Map<String, String> settings = client.configGet("*");
            Cli.Result help = Cli.run("serve", "--help").exits(0);
            for (String line : help.lines()) {
                String name = line.replaceFirst("^ +(?:-., )?--([a-z-]+).*", "$1");
                if (!name.equals(line) && !name.matches("config|help|version|stacktrace")) {
                    assertTrue(settings.containsKey(name), name);
                }
            }
            assertEquals(secret.toString(), settings.get("password-file"));
            assertTrue(settings.values().stream().noneMatch(value -> value.contains("sesame")), "the secret is told");
        }
    }
}
