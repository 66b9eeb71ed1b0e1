package dev.penstock.tools.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.tools.Cli;
import dev.penstock.tools.console.Console;
import dev.penstock.tools.process.ExitCode;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The way past the parser is for what it would understand in the same way, and for nothing else. */
class PlainServeTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"serve data", "serve data --port 0", "serve data --port 65535", "serve ./a/b --port 6380"})
    void thePlainFormsNeedNoParser(String line) {
        assertNotNull(plain(line));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "serve",
                "get data",
                "serve --help",
                "serve -h",
                "serve data --help",
                "serve data --port",
                "serve data --port 65536",
                "serve data --port -1",
                "serve data --port +1",
                "serve data --port x",
                "serve data --bind ::1",
                "serve data --port=1",
                "serve --port 1 data",
                "serve data --port 1 --stacktrace"
            })
    void everythingElseIsTheParsers(String line) {
        assertNull(plain(line));
    }

    /** Both ways lead to the same error, for a directory that is no store. */
    @Test
    void bothWaysEndAlike() throws Exception {
        Files.writeString(folder.resolve("file"), "x");
        Cli.Result plain = Cli.run("serve", folder, "--port", 0).exits(ExitCode.STORE);
        Cli.Result parsed = Cli.run("serve", "--port=0", folder).exits(ExitCode.STORE);
        assertEquals(parsed.complaint(), plain.complaint());
    }

    @Test
    void anAddressThatOthersCanReachMustBeAllowed() {
        Cli.Result refused = Cli.run("serve", folder.resolve("store"), "--port", 0, "--bind", "0.0.0.0")
                .exits(ExitCode.USAGE);
        assertTrue(refused.complaint().contains("--allow-remote"), refused.err());
        Cli.Result port =
                Cli.run("serve", folder.resolve("store"), "--port", 65_536).exits(ExitCode.USAGE);
        assertTrue(port.err().contains("port must be from 0 to 65535, not 65536"), port.err());
    }

    private static Serve plain(String line) {
        Console console =
                new Console(InputStream.nullInputStream(), OutputStream.nullOutputStream(), System.err, () -> 0);
        return Serve.plain(console, line.split(" ", -1));
    }
}
