package dev.penstock.tools.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvReaderTest {

    private static final LoadTarget NO_STORE = new LoadTarget(() -> {
        throw new AssertionError("nothing is to be stored");
    });

    @Test
    void columnsMayComeInAnyOrderAndBothOfAPairMayBeThere() throws Exception {
        CsvReader csv = csv("""
                value64,expires,key,value,key64
                ,,greeting,hello,
                AAH/,1234567890123,,,/wA=
                ,,,,
                """);
        assertEntry(csv, "greeting".getBytes(UTF_8), "hello".getBytes(UTF_8));
        assertEquals(EntrySource.NO_EXPIRY, csv.expiryMillis());
        assertEntry(csv, new byte[] {(byte) 0xff, 0}, new byte[] {0, 1, (byte) 0xff});
        assertEquals(1234567890123L, csv.expiryMillis());
        assertEntry(csv, new byte[0], new byte[0]);
        assertEquals(EntrySource.NO_EXPIRY, csv.expiryMillis());
        assertFalse(csv.next());
    }

    @Test
    void quotesKeepCommasQuotesAndLineEnds() throws Exception {
        CsvReader csv =
                csv("\ufeffkey,value\r\n\"a,\"\"b\"\"\",\"1\r\n2\n\"\r\n\r\n\nlone\rreturn, spaced \r\n\"\",\"\"");
        assertEntry(csv, "a,\"b\"".getBytes(UTF_8), "1\r\n2\n".getBytes(UTF_8));
        assertEntry(csv, "lone\rreturn".getBytes(UTF_8), " spaced ".getBytes(UTF_8));
        assertEntry(csv, new byte[0], new byte[0]);
        assertFalse(csv.next());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "b | has 1 fields; the first line names 3",
                "b,1,2,3 | has more fields than the 3",
                "b,\"1\"2, | has text after a closing quote",
                "b,1\"2, | has a quote in a field that does not begin with one",
                "b,\u00ff, | \"value\" is not UTF-8",
                "b,\u00c3, | \"value\" is not UTF-8",
                "\u00c0\u00af,1, | \"key\" is not UTF-8",
                "b,1,soon | \"expires\" is no whole number",
                "b,1,-1 | \"expires\" is no whole number",
                "b,1,9223372036854775808 | \"expires\" is no whole number"
            })
    void aBadRecordIsNamedByItsLineAndDoesNoHarmToTheNext(String bad, String reason) throws Exception {
        byte[] input = ("key,value,expires\n\"a\n\",1,\n" + bad + "\nc,3,0\n").getBytes(ISO_8859_1);
        CsvReader csv = new CsvReader(new ByteArrayInputStream(input), NO_STORE);
        assertEntry(csv, new byte[] {'a', '\n'}, new byte[] {'1'});
        BadEntryException e = assertThrows(BadEntryException.class, csv::next);
        assertTrue(e.getMessage().startsWith("line 4: " + reason), e.getMessage());
        assertFalse(e.isLast());
        assertEntry(csv, new byte[] {'c'}, new byte[] {'3'});
        assertEquals(1, csv.expiryMillis(), "0 has expired, and is not the absence of an expiry");
        assertFalse(csv.next());
    }

    @Test
    void aQuoteThatIsMissingIsNamedByTheLineOfTheOther() throws Exception {
        CsvReader csv = csv("key,value\na,1\nb,\"2\nc,3\n");
        assertEntry(csv, new byte[] {'a'}, new byte[] {'1'});
        BadEntryException e = assertThrows(BadEntryException.class, csv::next);
        assertEquals("line 3: has no closing quote for the one in line 3", e.getMessage());
        assertFalse(csv.next());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | is empty",
                "a,b | names the column 'a'",
                "key,key,value | names a column twice",
                "key,expires | names no column value",
                "value64 | names no column key",
                "key value | names the column 'key value'",
            })
    void theFirstLineMustNameTheColumns(String header, String reason) {
        CsvReader csv = csv(header);
        BadEntryException e = assertThrows(BadEntryException.class, csv::next);
        assertTrue(e.getMessage().startsWith("line 1: " + reason), e.getMessage());
        assertTrue(e.isLast());
    }

    @Test
    void bothOfAPairOfColumnsAreNotTaken() throws Exception {
        CsvReader csv = csv("key,key64,value,value64\na,YQ==,1,\na,,1,MQ==\na,,,MQ=\na,,1,\n");
        for (String reason : new String[] {
            "line 2: has both a \"key\" and a \"key64\"",
            "line 3: has both a \"value\" and a \"value64\"",
            "line 4: \"value64\" is no base64"
        }) {
            BadEntryException e = assertThrows(BadEntryException.class, csv::next);
            assertTrue(e.getMessage().startsWith(reason), e.getMessage());
        }
        assertEntry(csv, new byte[] {'a'}, new byte[] {'1'});
    }

    /** So that a few kilobytes of compressed line ends do not keep anyone busy. */
    @Test
    void endlessEmptyLinesEndTheInput() throws Exception {
        CsvReader csv = new CsvReader(
                new SequenceInputStream(new ByteArrayInputStream("key,value\na,1\n".getBytes(UTF_8)), new Endless()),
                NO_STORE);
        assertEntry(csv, new byte[] {'a'}, new byte[] {'1'});
        BadEntryException e = assertThrows(BadEntryException.class, csv::next);
        assertEquals("line 3: has more than 1 MiB of empty lines", e.getMessage());
        assertTrue(e.isLast());
        JsonLines lines = new JsonLines(new Endless(), NO_STORE);
        assertTrue(assertThrows(BadEntryException.class, lines::next).isLast());
    }

    private static final class Endless extends InputStream {
        @Override
        public int read() {
            return '\n';
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            Arrays.fill(target, from, from + length, (byte) '\n');
            return length;
        }
    }

    private static void assertEntry(CsvReader csv, byte[] key, byte[] value) throws Exception {
        assertTrue(csv.next());
        assertArrayEquals(key, csv.key());
        assertArrayEquals(value, csv.value().toByteArray());
    }

    private static CsvReader csv(String text) {
        return new CsvReader(new ByteArrayInputStream(text.getBytes(UTF_8)), NO_STORE);
    }
}
