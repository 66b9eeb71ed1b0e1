package dev.penstock.tools.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Store;
import dev.penstock.tools.process.ExitCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The program in a process of its own, in odd environments, with words that a shell makes of any bytes. */
class TypedBytesTest {

    private static final String SERVE = "LC_ALL=C; export LC_ALL; exec \"$JAVA\" --enable-native-access=ALL-UNNAMED"
            + " -cp \"$JARS\" dev.penstock.tools.Penstock serve \"$STORE\" --port=0 ";

    private static final HexFormat HEX = HexFormat.of();

    @TempDir
    Path folder;

    private Path store;

    @BeforeEach
    void nameTheStore() {
        store = folder.resolve("store");
    }

    /** What the shell ended with. */
    private record Run(int exitCode, String out, String err) {}

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LC_ALL=C",
                "LC_ALL=xx_XX.UTF-8",
                "LC_ALL=C.UTF-8",
                "LC_ALL= LC_CTYPE= LANG=POSIX",
                "LC_ALL=C.UTF-8 JAVA_TOOL_OPTIONS=-Dsun.jnu.encoding=ISO-8859-1"
            })
    void aKeyAndAValueAreTheBytesThatWereTyped(String environment) throws Exception {
        // é in Latin-1, which is not UTF-8, and one byte more; а in UTF-8.
        Run run =
                shell(environment + " penstock put \"$STORE\" \"$(printf 'k\\351\\320\\260')\" \"$(printf '\\377v')\"");
        assertEquals(0, run.exitCode(), run.err());
        try (Store open = Store.open(store)) {
            assertEquals(1, open.count());
            assertArrayEquals(HEX.parseHex("ff76"), open.getBytes(HEX.parseHex("6be9d0b0")));
        }
    }

    @Test
    void differentWordsAreNeverTheSameKey() throws Exception {
        try (Store open = Store.open(store)) {
            open.put(HEX.parseHex("6be9"), "latin".getBytes(UTF_8));
            open.put("k\uFFFD".getBytes(UTF_8), "replacement".getBytes(UTF_8));
            open.put("k?".getBytes(UTF_8), "question".getBytes(UTF_8));
        }
        Run other = shell("LC_ALL=C penstock del \"$STORE\" \"$(printf 'k\\352')\" \"$(printf 'k\\303\\251')\"");
        assertEquals(ExitCode.NEGATIVE, other.exitCode(), other.err());
        assertEquals("0\n", other.out());
        Run match = shell("LC_ALL=C penstock scan \"$STORE\" --match=\"$(printf 'k\\351')\"");
        assertEquals("k\\xe9\n", match.out(), match.err());
    }

    @Test
    void aWordThatCannotBeRecoveredIsRefusedAndNothingIsStored() throws Exception {
        Path words = folder.resolve("words");
        Run run = shell("{ printf 'dev.penstock.tools.Penstock put '; printf '%s k\\351 v' \"$STORE\"; } >'" + words
                + "'; LC_ALL=C java '@" + words + "'");
        assertEquals(ExitCode.USAGE, run.exitCode(), run.err());
        assertTrue(run.err().startsWith("penstock: the bytes of argument 3 "), run.err());
        assertFalse(Files.exists(store), "a store was created");
    }

    @Test
    void aFileIsTheOneThatWasNamed() throws Exception {
        Run run = shell("""
                latin=$(printf '%s/caf\\351' "$FOLDER")
                printf 'in Latin-1' >"$latin"
                printf 'in UTF-8' >"$(printf '%s/caf\\303\\251' "$FOLDER")"
                LC_ALL=C penstock put "$STORE" key --file="$latin" && cd "$FOLDER" &&
                LC_ALL=C.UTF-8 penstock put "$STORE" key2 --file "$(printf './/caf\\351')"
                """);
        assertEquals(0, run.exitCode(), run.err());
        try (Store open = Store.open(store)) {
            assertEquals("in Latin-1", new String(open.getBytes("key".getBytes(UTF_8)), UTF_8));
            assertEquals("in Latin-1", new String(open.getBytes("key2".getBytes(UTF_8)), UTF_8));
        }
    }

    /** The store would take it for another one, whose name has U+FFFD in place of what is not UTF-8. */
    @Test
    void aDirectoryWhoseNameIsNotTextIsRefusedAndNoneIsMade() throws Exception {
        Run run = shell("penstock put \"$(printf '%s/caf\\351' \"$STORE\")\" key value");
        assertEquals(ExitCode.USAGE, run.exitCode(), run.err());
        assertTrue(run.err().contains("caf\\xe9' cannot be used: its name is not UTF-8"), run.err());
        Run locale = shell("LC_ALL=C penstock put \"$(printf '%s/caf\\303\\251' \"$STORE\")\" key value");
        assertEquals(ExitCode.USAGE, locale.exitCode(), locale.err());
        assertFalse(Files.exists(store), "a directory was made");
    }

    /** Otherwise a password of other letters would be as good: what cannot be decoded is U+FFFD for all of them. */
    @Test
    void aPasswordThatIsNotTextIsRefused() throws Exception {
        Run run = shell("PENSTOCK_PASSWORD=$(printf 'secr\\350t') penstock serve \"$STORE\" --port 0");
        assertEquals(ExitCode.USAGE, run.exitCode(), run.err());
        assertTrue(run.err().contains("PENSTOCK_PASSWORD is not UTF-8 text"), run.err());
        Run file =
                shell("printf 'secr\\350t' >\"$FOLDER/pw\"; penstock serve \"$STORE\" --password-file \"$FOLDER/pw\"");
        assertEquals(ExitCode.USAGE, file.exitCode(), file.err());
        assertTrue(file.err().contains("pw is not UTF-8 text"), file.err());
    }

    /** Of the command line and of a configuration file, which is UTF-8, whatever the locale. */
    @ParameterizedTest
    @ValueSource(strings = {"--users-file=\"$(printf '%s/us\\351rs' \"$FOLDER\")\"", "--config=\"$FOLDER/config\""})
    void theFilesOfAServerAreThoseThatWereNamed(String options) throws Exception {
        Run files = shell("""
                cd "$FOLDER"
                printf 'user ann on >right ~* +@all\\n' >"$(printf 'us\\351rs')"
                printf 'user ann on >right ~* +@all\\n' >"$(printf 'us\\303\\251rs')"
                printf 'user ann on >wrong ~* +@all\\n' | tee 'us?rs' >"$(printf 'us\\357\\277\\275rs')"
                printf 'users-file = %s/us\\303\\251rs\\n' "$FOLDER" >config
                """);
        assertEquals(0, files.exitCode(), files.err());
        Process server = started(SERVE + options);
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port(server))) {
            client.getOutputStream().write("AUTH ann right\r\n".getBytes(UTF_8));
            assertEquals("+OK", new String(client.getInputStream().readNBytes(3), UTF_8));
        } finally {
            server.destroy();
            server.waitFor();
        }
    }

    /** The JDK cannot tell the address of such a socket. */
    @Test
    void aSocketWhoseNameIsNotTextInTheLocaleIsRefusedAndNoneIsMade() throws Exception {
        Run run = shell(SERVE + "--unixsocket=\"$(printf '%s/s\\351' \"$FOLDER\")\"");
        assertEquals(ExitCode.IO, run.exitCode(), run.err());
        assertTrue(run.err().contains("its name is not text in this locale"), run.err());
        assertEquals("", shell("ls \"$FOLDER\" | grep '^s.$'").out());
    }

    private static int port(Process server) throws IOException {
        String ready = server.inputReader().readLine();
        return Integer.parseInt(ready.replaceFirst(".* on [^ ]*:(\\d+)[: ].*", "$1"));
    }

    /** @param script may call java and penstock, and use FOLDER and STORE */
    private Run shell(String script) throws Exception {
        Process process = started(script);
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Run(process.waitFor(), out, Files.readString(folder.resolve("stderr")));
    }

    private Process started(String script) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String functions = """
                java() { '%s' --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \\
                  -cp "$JARS" "$@"; }
                penstock() { java dev.penstock.tools.Penstock "$@"; }
                """.formatted(java);
        Path errors = folder.resolve("stderr");
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", functions + script).redirectError(errors.toFile());
        builder.environment().put("JARS", System.getProperty("java.class.path"));
        builder.environment().put("JAVA", java);
        builder.environment().put("FOLDER", folder.toString());
        builder.environment().put("STORE", store.toString());
        return builder.start();
    }
}
