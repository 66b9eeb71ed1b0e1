package dev.penstock.tools.text;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.MainClass;
import dev.penstock.tools.process.ToolException;
import java.nio.charset.Charset;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What the JVM's decoding has destroyed is taken from the process's own command line, or refused. */
class ProcessBytesTest {

    private static final String MAIN = MainClass.NAME;
    private static final String LOST = "k\uFFFD";

    @Test
    void theWordsBehindTheProgramsNameAreTheArguments() {
        assertTyped("k\u00e9", "java", "-cp", "x", MAIN, "get", "k\u00e9");
        assertTyped("k\u00e9", "java", "-jar", "penstock.jar", "get", "k\u00e9");
        assertTyped("k\u00e9", "java", "-m", "dev.penstock.tools/" + MAIN, "get", "k\u00e9");
        assertTyped("k\u00e9", "java", "@options", MAIN, "get", "k\u00e9");
    }

    @Test
    void emptyWordsCount() {
        byte[] line = line("java", MAIN, "", "k\u00e9", "");
        assertArrayEquals(
                new String[] {"", ByteText.of(new byte[] {'k', (byte) 0xe9}), ""},
                ProcessBytes.arguments(line, US_ASCII, "", LOST, ""));
    }

    /** Then the command line has other words than the program. */
    @Test
    void aWordFromAFileOfArgumentsIsRefusedIfItsBytesAreLost() {
        for (byte[] line : new byte[][] {
            line("java", "@file"), line("java", "-Da", "-Db", "@file"), line("java", "@file", "k\u00e9"), null
        }) {
            ToolException e =
                    assertThrows(ToolException.class, () -> ProcessBytes.arguments(line, US_ASCII, "get", LOST));
            assertEquals(ExitCode.USAGE, e.exitCode());
            assertEquals(true, e.getMessage().startsWith("the bytes of argument 2 ("), e.getMessage());
        }
    }

    @Test
    void aWordFromAFileOfArgumentsIsTakenIfNothingCanBeLost() {
        byte[] line = line("java", "@file");
        assertArrayEquals(new String[] {"get", "key"}, ProcessBytes.arguments(line, US_ASCII, "get", "key"));
        assertArrayEquals(new String[] {"get", "ключ"}, ProcessBytes.arguments(line, UTF_8, "get", "ключ"));
        // It may have been another letter in UTF-8.
        assertThrows(ToolException.class, () -> ProcessBytes.arguments(line, ISO_8859_1, "get", "ключ"));
        assertThrows(ToolException.class, () -> ProcessBytes.arguments(line, UTF_8, "get", LOST));
    }

    @Test
    void aVariableOfTheEnvironmentIsItsBytes() {
        byte[] environment = line("A=x", "PASS=", "PASSWORD=k\u00e9", "PASSWORD=later");
        assertEquals(
                ByteText.of(new byte[] {'k', (byte) 0xe9}),
                ProcessBytes.variable("PASSWORD", LOST, environment, US_ASCII));
        assertEquals("", ProcessBytes.variable("PASS", "", environment, US_ASCII));
        assertThrows(ToolException.class, () -> ProcessBytes.variable("PASSWORD", LOST, null, US_ASCII));
        assertEquals("pass", ProcessBytes.variable("PASSWORD", "pass", null, US_ASCII));
    }

    private static void assertTyped(String key, String... words) {
        for (Charset jvm : new Charset[] {US_ASCII, UTF_8, ISO_8859_1}) {
            String decoded = new String(key.getBytes(ISO_8859_1), jvm);
            assertArrayEquals(
                    new String[] {"get", ByteText.of(key.getBytes(ISO_8859_1))},
                    ProcessBytes.arguments(line(words), jvm, "get", decoded));
        }
    }

    /** Each character is a byte. */
    private static byte[] line(String... words) {
        return (String.join("\0", Arrays.asList(words)) + "\0").getBytes(ISO_8859_1);
    }
}
