package dev.penstock.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.tools.JsonLines.BadLineException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonLinesTest {

    @Test
    void textAndBase64() throws Exception {
        JsonLines lines = lines("""
                {"key": "greeting", "value": "hello"}
                {"value64": "AAH/", "key64": "/wA="}
                {"key": "", "value": "", "length": 0, "sequence": 12}""");
        assertEntry(lines, "greeting".getBytes(UTF_8), "hello".getBytes(UTF_8));
        assertEntry(lines, new byte[] {(byte) 0xff, 0}, new byte[] {0, 1, (byte) 0xff});
        assertEntry(lines, new byte[0], new byte[0]);
        assertFalse(lines.next());
    }

    @Test
    void blankLinesAndCarriageReturnsAreNoEntries() throws Exception {
        String text = "\n  \r\n{\"key\":\"a\",\"value\":\"1\"}\r\n\n\n";
        JsonLines lines = lines(text);
        assertEntry(lines, new byte[] {'a'}, new byte[] {'1'});
        assertFalse(lines.next());
        assertEquals(text.length(), lines.bytesRead());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "nonsense | is no valid JSON, see column 9",
                "[1] | is no JSON object",
                "{} | has no \"key\"",
                "{\"key\":\"a\"} | has no \"value\"",
                "{\"key\":\"a\",\"value\":1} | \"value\" is no string",
                "{\"key\":\"a\",\"value\":null} | \"value\" is no string",
                "{\"key\":\"a\",\"value\":{\"b\":1}} | \"value\" is no string",
                "{\"key\":\"a\",\"value64\":\"***\"} | \"value64\" is no base64",
                "{\"key\":\"a\",\"key64\":\"YQ==\",\"value\":\"\"} | has more than one key",
                "{\"key\":\"a\",\"value\":\"b\",\"ttl\":3} | unknown field \"ttl\"",
                "{\"key\":\"a\",\"value\":\"b\",\"length\":2} | \"length\" is not the value's",
                "{\"key\":\"a\",\"value\":\"b\"} {} | goes on after the object",
                "{\"key\":\"a\",\"value\":\"b\" | ends in the middle",
                "{\"key\":\"\\ud800\",\"value\":\"b\"} | not valid Unicode"
            })
    void aBadLineIsNamedByItsNumberAndDoesNoHarmToTheNext(String bad, String reason) throws Exception {
        JsonLines lines = lines("{\"key\":\"x\",\"value\":\"\"}\n" + bad + "\n{\"key\":\"y\",\"value\":\"2\"}\n");
        assertEntry(lines, new byte[] {'x'}, new byte[0]);
        BadLineException e = assertThrows(BadLineException.class, lines::next);
        assertTrue(e.getMessage().startsWith("line 2: "), e.getMessage());
        assertTrue(e.getMessage().contains(reason), e.getMessage());
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        assertFalse(e.getMessage().contains("REDACTED"), e.getMessage());
        assertEntry(lines, new byte[] {'y'}, new byte[] {'2'});
        assertFalse(lines.next());
    }

    @Test
    void bytesThatAreNoUtf8AreABadLine() throws Exception {
        byte[] input = "{\"key\":\"a?\",\"value\":\"\"}\n{\"key\":\"b\",\"value\":\"\"}\n".getBytes(UTF_8);
        input[9] = (byte) 0xff;
        JsonLines lines = new JsonLines(new ByteArrayInputStream(input));
        assertThrows(BadLineException.class, lines::next);
        assertEntry(lines, new byte[] {'b'}, new byte[0]);
    }

    /** A line longer than any buffer on the way, arriving in the smallest pieces. */
    @Test
    void aLongLineInSmallPiecesIsOneEntry() throws Exception {
        String value = "0123456789abcdef".repeat(100_000);
        byte[] input =
                ("{\"key\":\"long\",\"value\":\"" + value + "\"}\n{\"key\":\"next\",\"value\":\"\"}").getBytes(UTF_8);
        JsonLines lines = new JsonLines(new Dribble(input));
        assertEntry(lines, "long".getBytes(UTF_8), value.getBytes(UTF_8));
        assertEntry(lines, "next".getBytes(UTF_8), new byte[0]);
        assertFalse(lines.next());
        assertEquals(input.length, lines.bytesRead());
    }

    private static void assertEntry(JsonLines lines, byte[] key, byte[] value) throws Exception {
        assertTrue(lines.next());
        assertArrayEquals(key, lines.key());
        assertArrayEquals(value, lines.value());
    }

    private static JsonLines lines(String text) {
        return new JsonLines(new ByteArrayInputStream(text.getBytes(UTF_8)));
    }

    /** Gives a few bytes at a time, as a pipe may. */
    private static final class Dribble extends InputStream {
        private final ByteArrayInputStream in;

        Dribble(byte[] bytes) {
            in = new ByteArrayInputStream(bytes);
        }

        @Override
        public int read() {
            return in.read();
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            return in.read(target, from, Math.min(length, 7));
        }
    }
}
