package dev.penstock.store.internal.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Store;
import dev.penstock.store.internal.log.Log;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/reference/format.md says what the code does. */
class FormatDocumentTest {

    private static final Path DOCUMENT = Path.of("..", "docs", "reference", "format.md");

    @Test
    void theIdentityIsAsDocumented() throws IOException {
        List<Row> rows = table("layout: identity");
        assertChained(rows, Identity.LENGTH);
        assertField(rows, "magic `" + new String(Identity.MAGIC, StandardCharsets.US_ASCII), 0);
        assertField(rows, "format version", Identity.VERSION_OFFSET);
        assertField(rows, "segment shift", Identity.SEGMENT_SHIFT_OFFSET);
        assertField(rows, "store id", Identity.STORE_ID_OFFSET);
        assertField(rows, "checksum", Identity.CHECKSUM_OFFSET);
        assertTrue(text().contains("# File format, version " + Identity.FORMAT_VERSION));
    }

    @Test
    void theCheckpointIsAsDocumented() throws IOException {
        List<Row> rows = table("layout: checkpoint");
        assertChained(rows, CheckpointHeader.LENGTH);
        assertField(rows, "magic `" + new String(CheckpointHeader.MAGIC, StandardCharsets.US_ASCII), 0);
        assertField(
                rows,
                "version of the checkpoint's format, " + CheckpointHeader.VERSION,
                CheckpointHeader.VERSION_OFFSET);
        assertField(rows, "store id", CheckpointHeader.STORE_ID_OFFSET);
        assertField(rows, "durable position", CheckpointHeader.DURABLE_POSITION_OFFSET);
        assertField(rows, "last sequence", CheckpointHeader.LAST_SEQUENCE_OFFSET);
        assertField(rows, "table checksum", CheckpointHeader.TABLE_CHECKSUM_OFFSET);
        assertField(rows, "table length", CheckpointHeader.TABLE_LENGTH_OFFSET);
        assertField(rows, "checksum of the bytes", CheckpointHeader.CHECKSUM_OFFSET);
    }

    @Test
    void theSegmentHeaderIsAsDocumented() throws IOException {
        List<Row> rows = table("layout: segment");
        assertChained(rows, SegmentHeader.LENGTH);
        assertField(rows, "magic `" + new String(SegmentHeader.MAGIC, StandardCharsets.US_ASCII), 0);
        assertField(
                rows, "kind: " + SegmentHeader.LOG + " log, " + SegmentHeader.LARGE_VALUE, SegmentHeader.KIND_OFFSET);
        assertField(rows, "store id", SegmentHeader.STORE_ID_OFFSET);
        assertField(rows, "number of the segment", SegmentHeader.NUMBER_OFFSET);
        assertField(rows, "first segment", SegmentHeader.FIRST_SEGMENT_OFFSET);
        assertField(rows, "durable position", SegmentHeader.DURABLE_POSITION_OFFSET);
        assertField(rows, "length of the file", SegmentHeader.FILE_LENGTH_OFFSET);
        assertField(rows, "checksum", SegmentHeader.CHECKSUM_OFFSET);
        assertTrue(text().contains("The first record begins at offset " + SegmentHeader.LENGTH));
    }

    @Test
    void theSequencesThatAreSkippedAreAsDocumented() throws IOException {
        assertEquals(1L << 32, Log.MAX_UNFORCED_RECORDS);
        assertTrue(text().contains("2^32 above the last that is left"));
    }

    @Test
    void theLimitsAreAsDocumented() throws IOException {
        assertTrue(text().contains("| position | 2^" + Limits.POSITION_BITS + " - 1 |"));
        assertTrue(text().contains("| large value | 10^18 - 1 |"));
        assertEquals(1_000_000_000_000_000_000L, Limits.LAST_VALUE + 1);
        assertTrue(text().contains("| sequence | 2^63 - 1 |"));
        assertEquals(Long.MAX_VALUE, Limits.LAST_SEQUENCE);
        assertTrue(text().contains("refused " + Limits.RESERVED_SEGMENTS + " segments and 2^40 sequences before"));
        assertEquals(1L << 40, Limits.RESERVED_SEQUENCES);
        for (int shift = 17; shift <= 30; shift++) {
            assertEquals((1L << Limits.POSITION_BITS) / (1L << shift) - 1, Limits.lastSegment(shift));
        }
    }

    @Test
    void theRecordIsAsDocumented() throws IOException {
        List<Row> rows = table("layout: record");
        assertField(rows, "commit word", RecordLayout.COMMIT_WORD_OFFSET);
        assertField(rows, "header checksum", RecordLayout.HEADER_CHECKSUM_OFFSET);
        assertField(rows, "sequence", RecordLayout.SEQUENCE_OFFSET);
        assertField(rows, "value length", RecordLayout.VALUE_LENGTH_OFFSET);
        assertField(rows, "value checksum", RecordLayout.VALUE_CHECKSUM_OFFSET);
        assertField(rows, "key", RecordLayout.KEY_OFFSET);
        assertTrue(text().contains("than " + RecordLayout.ALIGNED_VALUE_LENGTH + " bytes"));
        assertTrue(text().contains("next multiple of " + RecordLayout.VALUE_ALIGNMENT));
        assertTrue(text().contains("A record begins at a multiple of " + RecordLayout.RECORD_ALIGNMENT));
        assertTrue(text().contains("A key is 0 to " + RecordLayout.MAX_KEY_LENGTH + " bytes"));
        assertTrue(text().contains("mark of 1 to " + RecordLayout.MAX_MARK_LENGTH + " bytes"));
        assertEquals(1L << 40, RecordLayout.MAX_VALUE_LENGTH);
    }

    @Test
    void theKindsAreAsDocumented() throws IOException, IllegalAccessException {
        Map<String, Integer> documented = new TreeMap<>();
        for (Row row : table("kinds")) {
            documented.put(row.name(), row.offset());
        }
        Map<String, Integer> actual = new TreeMap<>();
        for (Field field : RecordLayout.class.getFields()) {
            boolean isKind = Modifier.isStatic(field.getModifiers()) && documented.containsKey(field.getName());
            if (isKind) {
                actual.put(field.getName(), field.getInt(null));
            }
        }
        assertEquals(documented, actual);
        assertEquals(RecordLayout.APPLIED, documented.size(), "every kind up to the last is documented");
    }

    /** The bytes of the example are a store, and hold what the page says that they hold. */
    @Test
    void theExampleOpensAsAStore(@TempDir Path directory) throws IOException {
        Files.write(directory.resolve("STORE"), dump("STORE"));
        Files.write(directory.resolve("0000000001.log"), dump("0000000001.log"));
        try (Store store = Store.open(directory)) {
            assertEquals(1, store.count());
            assertNull(store.getBytes("a".getBytes(StandardCharsets.UTF_8)));
            byte[] key = "b".getBytes(StandardCharsets.UTF_8);
            assertEquals("bye", new String(store.getBytes(key), StandardCharsets.UTF_8));
            assertEquals(Instant.parse("2100-01-01T00:00:00Z"), store.expiryOf(key));
        }
    }

    /** The bytes of a file, each line of which begins with the offset that the lines before it lead to. */
    private static byte[] dump(String file) throws IOException {
        String page = Files.readString(DOCUMENT);
        String marker = "<!-- dump: " + file + " -->\n```\n";
        int begin = page.indexOf(marker) + marker.length();
        assertTrue(begin >= marker.length(), marker);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String line :
                page.substring(begin, page.indexOf("```", begin)).lines().toList()) {
            String[] columns = line.split(" {2,}", -1);
            assertEquals(bytes.size(), Integer.parseInt(columns[0], 16), line);
            bytes.writeBytes(HexFormat.ofDelimiter(" ").parseHex(columns[1]));
        }
        return bytes.toByteArray();
    }

    /** A row of a layout table; a length that is not a number is -1. */
    private record Row(String name, int offset, int length) {}

    private static void assertField(List<Row> rows, String name, int offset) {
        List<Integer> offsets = rows.stream()
                .filter(row -> row.name().startsWith(name))
                .map(Row::offset)
                .toList();
        assertEquals(List.of(offset), offsets, name);
    }

    private static void assertChained(List<Row> rows, int total) {
        int at = 0;
        for (Row row : rows) {
            assertEquals(at, row.offset(), row.name());
            at += row.length();
        }
        assertEquals(total, at);
    }

    private static List<Row> table(String marker) throws IOException {
        List<Row> rows = new ArrayList<>();
        List<String> lines = Files.readAllLines(DOCUMENT);
        int start = lines.indexOf("<!-- " + marker + " -->");
        assertTrue(start >= 0, marker);
        for (int i = start + 3; i < lines.size() && lines.get(i).startsWith("|"); i++) {
            String[] cells = lines.get(i).split("\\|", -1);
            String length = cells[3].strip();
            rows.add(new Row(
                    cells[1].strip(),
                    Integer.parseInt(cells[2].strip()),
                    length.matches("[0-9]+") ? Integer.parseInt(length) : -1));
        }
        assertTrue(!rows.isEmpty(), marker);
        return rows;
    }

    /** The page without its line breaks, which may fall anywhere. */
    private static String text() throws IOException {
        return Files.readString(DOCUMENT).replaceAll("\\s+", " ");
    }
}
