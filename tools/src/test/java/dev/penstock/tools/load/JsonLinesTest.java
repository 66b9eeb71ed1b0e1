package dev.penstock.tools.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.tools.text.KeyText;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.util.Base64;
import java.util.HexFormat;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonLinesTest {

    private static final LoadTarget NO_STORE = new LoadTarget(() -> {
        throw new AssertionError("nothing is to be stored");
    });

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
                "{\"key\":\"\\ud800\",\"value\":\"b\"} | not valid Unicode",
                "{\"key\":\"\\ud800\\u0041\",\"value\":\"b\"} | not valid Unicode",
                "{\"key\":\"\\ud800\\ud800\",\"value\":\"b\"} | not valid Unicode",
                "{\"key\":\"\\udc00\\ud800\",\"value\":\"b\"} | not valid Unicode",
                "{\"key\":\"\\udc00\",\"value\":\"b\"} | not valid Unicode",
                "{\"key\":\"\\u12g4\",\"value\":\"b\"} | is no valid JSON",
                "{\"key\":\"\\x41\",\"value\":\"b\"} | is no valid JSON",
                "{\"key\":\"a\tb\",\"value\":\"b\"} | is no valid JSON",
                "{key:\"a\",\"value\":\"b\"} | is no valid JSON",
                "{\"key\":\"a\",\"value\":\"b\",} | is no valid JSON",
                "{\"key\":\"a\" \"value\":\"b\"} | is no valid JSON",
                "{\"key\":\"a\",\"value64\":\"YQ\"} | \"value64\" is no base64",
                "{\"key\":\"a\",\"value64\":\"YR==\"} | \"value64\" is no base64",
                "{\"key\":\"a\",\"value64\":\"YQ==YQ==\"} | \"value64\" is no base64",
                "{\"key\":\"a\",\"value64\":\"YWI\\u006bYQ===\"} | \"value64\" is no base64",
                "{\"key\":\"a\",\"value\":\"b\",\"expires\":1.5} | \"expires\" is no whole number",
                "{\"key\":\"a\",\"value\":\"b\",\"expires\":-1} | \"expires\" is less than 0",
                "{\"key\":\"a\",\"value\":\"b\",\"expires\":9223372036854775808} | \"expires\" is no whole number",
                "{\"key\":\"a\",\"value\":\"b\",\"expires\":\"5\"} | \"expires\" is no number",
                "{\"key\":\"a\",\"value\":\"b\",\"expires\":1,\"expires\":2} | has more than one \"expires\""
            })
    void aBadLineIsNamedByItsNumberAndDoesNoHarmToTheNext(String bad, String reason) throws Exception {
        JsonLines lines = lines("{\"key\":\"x\",\"value\":\"\"}\n" + bad + "\n{\"key\":\"y\",\"value\":\"2\"}\n");
        assertEntry(lines, new byte[] {'x'}, new byte[0]);
        BadEntryException e = assertThrows(BadEntryException.class, lines::next);
        assertTrue(e.getMessage().startsWith("line 2: "), e.getMessage());
        assertTrue(e.getMessage().contains(reason), e.getMessage());
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        assertFalse(e.getMessage().contains("REDACTED"), e.getMessage());
        assertEntry(lines, new byte[] {'y'}, new byte[] {'2'});
        assertFalse(lines.next());
    }

    /** Overlong forms, CESU-8, surrogates, what is beyond Unicode, and what is cut short. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ff", "80", "c0af", "c1bf", "e080af", "e09fbf", "f08080af", "f08fbfbf", "eda081edb080", "eda080",
                "edbfbf", "f4908080", "f5808080", "f8888080 80", "c3", "e282", "f09f98", "c328", "e28228", "f09f9828"
            })
    void bytesThatAreNoUtf8AreABadLineAndNeverOtherBytes(String hex) throws Exception {
        byte[] bad = HexFormat.of().parseHex(hex.replace(" ", ""));
        for (String field : new String[] {"key", "value", "field"}) {
            ByteArrayOutputStream input = new ByteArrayOutputStream();
            input.writeBytes("\n{\"key\":\"".getBytes(UTF_8));
            input.writeBytes(field.equals("key") ? bad : new byte[] {'k'});
            input.writeBytes("\",\"value\":\"".getBytes(UTF_8));
            input.writeBytes(field.equals("value") ? bad : new byte[] {'v'});
            input.writeBytes("\",\"sequence".getBytes(UTF_8));
            input.writeBytes(field.equals("field") ? bad : new byte[0]);
            input.writeBytes("\":1}\n{\"key\":\"b\",\"value\":\"\"}\n".getBytes(UTF_8));
            JsonLines lines = lines(input.toByteArray());
            BadEntryException e = assertThrows(BadEntryException.class, lines::next);
            assertTrue(e.getMessage().startsWith("line 2: is not UTF-8, see column "), e.getMessage());
            assertEntry(lines, new byte[] {'b'}, new byte[0]);
        }
    }

    /**
     * Whatever is between the quotes: it is taken as it is, if the JDK's strict decoder takes it, and refused if not.
     */
    @Property(tries = 3000)
    void aStringIsTakenByteForByteOrRefused(@ForAll("almostUtf8") byte[] text) throws Exception {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        input.writeBytes("{\"key\":\"k\",\"value\":\"".getBytes(UTF_8));
        input.writeBytes(text);
        input.writeBytes("\"}".getBytes(UTF_8));
        JsonLines lines = lines(input.toByteArray());
        if (KeyText.text(text) != null) {
            assertEntry(lines, new byte[] {'k'}, text);
        } else {
            assertThrows(BadEntryException.class, lines::next);
        }
    }

    /** Bytes of multi-byte sequences, more or less in order. */
    @Provide
    Arbitrary<byte[]> almostUtf8() {
        return Arbitraries.oneOf(
                        Arbitraries.strings()
                                .ofMinLength(1)
                                .ofMaxLength(3)
                                .map(text -> text.replaceAll("[\\x00-\\x1f\"\\\\\\ud800-\\udfff]", "x"))
                                .map(text -> text.getBytes(UTF_8)),
                        Arbitraries.bytes()
                                .between((byte) -128, (byte) -1)
                                .array(byte[].class)
                                .ofMinSize(1)
                                .ofMaxSize(4))
                .list()
                .ofMaxSize(4)
                .map(parts -> {
                    ByteArrayOutputStream joined = new ByteArrayOutputStream();
                    parts.forEach(joined::writeBytes);
                    return joined.toByteArray();
                });
    }

    /** The JSON parser that this replaced guessed the encoding. */
    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-16", "UTF-32"})
    void otherEncodingsAreNotGuessed(String charset) {
        JsonLines lines = lines("{\"key\":\"a\",\"value\":\"b\"}".getBytes(Charset.forName(charset)));
        assertThrows(BadEntryException.class, lines::next);
    }

    @Test
    void aByteOrderMarkMayBeginTheInputAndNothingElse() throws Exception {
        String entry = "{\"key\":\"a\",\"value\":\"1\"}\n";
        JsonLines lines = lines("\ufeff" + entry + "\ufeff" + entry);
        assertEntry(lines, new byte[] {'a'}, new byte[] {'1'});
        assertThrows(BadEntryException.class, lines::next);
        assertFalse(lines.next());
    }

    @Test
    void escapesAreWhatTheyStandFor() throws Exception {
        JsonLines lines =
                lines("{\"key\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u00e9\",\"value\":\"\\uD83D\\ude00\\u20AC\"}");
        assertEntry(lines, "\"\\/\b\f\n\r\t\0é".getBytes(UTF_8), "\uD83D\uDE00€".getBytes(UTF_8));
    }

    @Test
    void anEntryMayExpire() throws Exception {
        JsonLines lines =
                lines("{\"expires\":1234567890123,\"key\":\"a\",\"value\":\"\"}\n{\"key\":\"b\",\"value\":\"\"}");
        assertEntry(lines, new byte[] {'a'}, new byte[0]);
        assertEquals(1234567890123L, lines.expiryMillis());
        assertEntry(lines, new byte[] {'b'}, new byte[0]);
        assertEquals(EntrySource.NO_EXPIRY, lines.expiryMillis());
    }

    /** 0 is the store's word for an entry that never expires. */
    @Test
    void anExpiryOf1970IsNoAbsenceOfOne() throws Exception {
        JsonLines lines = lines("{\"expires\":0,\"key\":\"a\",\"value\":\"\"}");
        assertEntry(lines, new byte[] {'a'}, new byte[0]);
        assertEquals(1, lines.expiryMillis());
    }

    @Test
    void endlessWhiteSpaceIsABadLine() throws Exception {
        JsonLines lines = lines("{" + " ".repeat((1 << 20) + 1) + "\"key\":\"a\",\"value\":\"\"}");
        BadEntryException e = assertThrows(BadEntryException.class, lines::next);
        assertEquals("line 1: has more than 1 MiB of white space in one place", e.getMessage());
        assertFalse(lines.next());
    }

    /** Every length of the last quantum, in pieces that begin anywhere. */
    @Property(tries = 500)
    void base64OfAnyBytes(@ForAll byte[] bytes) throws Exception {
        String text = Base64.getEncoder().encodeToString(bytes);
        byte[] input = ("{\"key\":\"a\",\"value64\":\"" + text + "\"}").getBytes(UTF_8);
        JsonLines lines = new JsonLines(new Dribble(input), NO_STORE);
        assertEntry(lines, new byte[] {'a'}, bytes);
    }

    /** A line longer than any buffer on the way, arriving in the smallest pieces. */
    @Test
    void aLongLineInSmallPiecesIsOneEntry() throws Exception {
        String value = "0123456789abcdef".repeat(60_000);
        byte[] input =
                ("{\"key\":\"long\",\"value\":\"" + value + "\"}\n{\"key\":\"next\",\"value\":\"\"}").getBytes(UTF_8);
        JsonLines lines = new JsonLines(new Dribble(input), NO_STORE);
        assertEntry(lines, "long".getBytes(UTF_8), value.getBytes(UTF_8));
        assertEntry(lines, "next".getBytes(UTF_8), new byte[0]);
        assertFalse(lines.next());
        assertEquals(input.length, lines.bytesRead());
    }

    private static void assertEntry(JsonLines lines, byte[] key, byte[] value) throws Exception {
        assertTrue(lines.next());
        assertArrayEquals(key, lines.key());
        assertArrayEquals(value, lines.value().toByteArray());
    }

    private static JsonLines lines(String text) {
        return lines(text.getBytes(UTF_8));
    }

    private static JsonLines lines(byte[] input) {
        return new JsonLines(new ByteArrayInputStream(input), NO_STORE);
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
