package dev.penstock.tools.exchange;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.moilioncircle.redis.replicator.util.CRC64;
import dev.penstock.store.Store;
import dev.penstock.tools.load.BadEntryException;
import dev.penstock.tools.load.EntrySource;
import dev.penstock.tools.load.LoadTarget;
import dev.penstock.tools.load.Omissions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Files that are made here from the description of the format; {@code RedisExchangeTest} has those of the real server.
 */
class RdbReaderTest {

    /** A string of one byte, "k". */
    private static final String KEY = "016b";

    /** The entry k2 -> v2, which must be found whatever comes before it. */
    private static final String LAST = "00" + "026b32" + "027632";

    private final List<String> omitted = new ArrayList<>();

    @ParameterizedTest
    @CsvSource({
        "0568656c6c6f, hello",
        "00, ''",
        "400568656c6c6f, hello",
        "800000000568656c6c6f, hello",
        "81000000000000000568656c6c6f, hello",
        "c07f, 127",
        "c080, -128",
        "c1ff7f, 32767",
        "c10080, -32768",
        "c2ffffff7f, 2147483647",
        "c200000080, -2147483648",
        // LZF: three bytes and a reference to them, then one byte and a reference that overlaps what it makes.
        "c306060261626320 02, abcabc",
        "c305150061e00b00, aaaaaaaaaaaaaaaaaaaaa"
    })
    void everyEncodingOfAString(String encoded, String expected) throws Exception {
        RdbReader rdb = reader(file("0009", "00" + KEY + encoded + LAST), 0);
        assertEntry(rdb, "k", expected);
        assertEntry(rdb, "k2", "v2");
        assertFalse(rdb.next());
    }

    @ParameterizedTest
    @CsvSource({
        "a reference to before the beginning, c306060261626320 03",
        "more than it should be, c306050261626320 02",
        "less than it should be, c306070261626320 02",
        "cut in a literal, c303050361 62",
        "cut in a reference, c305060261626320",
        "no such encoding, c4",
        "no such length, 82"
    })
    void aDamagedStringIsNamedByItsOffset(String damage, String encoded) throws Exception {
        RdbReader rdb = reader(file("0009", "00" + KEY + encoded + LAST), 0);
        BadEntryException e = assertThrows(BadEntryException.class, rdb::next, damage);
        assertTrue(e.getMessage().matches("offset [0-9]+: .*(damaged|encoding|length).*"), e.getMessage());
        assertTrue(e.isLast());
    }

    /** The window moves many times, and references reach back as far as they may. */
    @Test
    void aLongCompressedStringPassesThroughASmallWindow() throws Exception {
        byte[] block = new byte[8 << 10];
        new Random(5).nextBytes(block);
        ByteArrayOutputStream lzf = new ByteArrayOutputStream();
        for (int at = 0; at < block.length; at += 32) {
            lzf.write(31);
            lzf.write(block, at, 32);
        }
        int copies = 40;
        for (int i = 0; i < copies * block.length / 256; i++) {
            lzf.writeBytes(new byte[] {(byte) (0xe0 | 0x1f), (byte) (256 - 9), (byte) 0xff});
        }
        String head = "00" + KEY + "c380%08x80%08x".formatted(lzf.size(), (copies + 1) * block.length);
        RdbReader rdb = reader(file("0009", head + HexFormat.of().formatHex(lzf.toByteArray()) + LAST), 0);
        assertTrue(rdb.next());
        byte[] value = rdb.value().toByteArray();
        assertEquals((copies + 1) * block.length, value.length);
        for (int at = 0; at < value.length; at += block.length) {
            assertArrayEquals(block, Arrays.copyOfRange(value, at, at + block.length));
        }
        assertEntry(rdb, "k2", "v2");
    }

    @Test
    void expiriesAreOfTheEntryThatFollowsThem() throws Exception {
        RdbReader rdb = reader(
                file(
                        "0009",
                        "fd00ca9a3b" + "00" + KEY + "0131" // 1,000,000,000 s
                                + "fc0068e5cf8b010000" + "f805" + "00" + KEY + "0132" // ms, and idle for 5 s
                                + "fc0068e5cf8b010000" + "01" + KEY + "010161" // a list
                                + "f9ff" + "00" + KEY + "0133"), // used often
                0);
        assertEntry(rdb, "k", "1");
        assertEquals(1_000_000_000_000L, rdb.expiryMillis());
        assertEntry(rdb, "k", "2");
        assertEquals(1_700_000_000_000L, rdb.expiryMillis());
        assertEntry(rdb, "k", "3");
        assertEquals(EntrySource.NO_EXPIRY, rdb.expiryMillis());
        assertFalse(rdb.next());
        assertEquals(List.of("list k"), omitted);
    }

    @Test
    void keysOfOneDatabaseAreReadAndTheOthersNamed() throws Exception {
        byte[] file = file("0009", "fa" + "0161" + "0162" + "fe00fb0100" + "00" + KEY + "0130" + "fe0f" + LAST);
        RdbReader first = reader(file, 0);
        assertEntry(first, "k", "0");
        assertFalse(first.next());
        assertEquals(List.of("key of database 15 k2"), omitted);
        omitted.clear();
        RdbReader other = reader(file, 15);
        assertEntry(other, "k2", "v2");
        assertFalse(other.next());
        assertEquals(List.of("key of database 0 k"), omitted);
    }

    /** From the description of the format: each type's structure, with every part once. */
    @ParameterizedTest
    @CsvSource({
        "list, 01 6b 02 0161 0162",
        "set, 02 6b 01 0161",
        "sorted set, 03 6b 04 0161 03312e35 0162 fd 0163 fe 0164 ff",
        "hash, 04 6b 01 0161 0162",
        "sorted set, 05 6b 01 0161 0000000000000840",
        "module value, 07 6b 814034ab5b1a2b3c01 0105 0206 0300000000 040000000000000000 05026162 00",
        "hash, 09 6b 03616263",
        "list, 0a 6b 03616263",
        "set, 0b 6b 03616263",
        "sorted set, 0c 6b 03616263",
        "hash, 0d 6b 03616263",
        "list, 0e 6b 02 03616263 03616263",
        "stream, 0f 6b 01 0161 0162 01 01 01"
                + " 01 0167 01 01 01 00000000000000000000000000000001 0000000000000000 01"
                + " 01 0163 0000000000000000 01 00000000000000000000000000000001",
        "hash, 10 6b 03616263",
        "sorted set, 11 6b 03616263",
        "list, 12 6b 02 01 03616263 02 03616263",
        "stream, 13 6b 01 0161 0162 01 01 01 01 01 00 00 01"
                + " 01 0167 01 01 01 01 00000000000000000000000000000001 0000000000000000 01"
                + " 01 0163 0000000000000000 01 00000000000000000000000000000001",
        "set, 14 6b 03616263",
        "stream, 15 6b 01 0161 0162 01 01 01 01 01 00 00 01"
                + " 01 0167 01 01 01 01 00000000000000000000000000000001 0000000000000000 01"
                + " 01 0163 0000000000000000 0000000000000000 01 00000000000000000000000000000001",
        "hash, 18 6b 0000000000000000 01 00 0161 0162",
        "hash, 19 6b 0000000000000000 03616263"
    })
    void everyOtherTypeIsSkippedAndNamed(String label, String value) throws Exception {
        String hex = value.replace(" ", "");
        RdbReader rdb = reader(file("0012", hex.substring(0, 2) + KEY + hex.substring(4) + LAST), 0);
        assertEntry(rdb, "k2", "v2");
        assertFalse(rdb.next());
        assertEquals(List.of(label + " k"), omitted);
    }

    @Test
    void whatBelongsToNoKeyIsNamedToo() throws Exception {
        RdbReader rdb = reader(file("0010", "f5" + "03616263" + "f7" + "810000000000000001" + "0201" + "00" + LAST), 0);
        assertEntry(rdb, "k2", "v2");
        assertFalse(rdb.next());
        assertEquals(List.of("function library null", "data of a module null"), omitted);
    }

    @Test
    void aKeyThatIsTooLongIsSkippedAndNamedByItsBeginning() throws Exception {
        int length = Store.MAX_KEY_LENGTH + 1;
        RdbReader rdb =
                reader(file("0009", "00" + "80%08x".formatted(length) + "61".repeat(length) + "0131" + LAST), 0);
        assertEntry(rdb, "k2", "v2");
        assertFalse(rdb.next());
        assertEquals(
                List.of("key of more than " + Store.MAX_KEY_LENGTH + " bytes " + "a".repeat(Store.MAX_KEY_LENGTH)),
                omitted);
    }

    @ParameterizedTest
    @CsvSource({
        "'', is no RDB file: it has less than 9 bytes",
        "hello world, is no RDB file: it does not begin with REDIS",
        "REDISabcd, has no version",
        "REDIS0000, has no version",
        "REDIS0013, has version 13 of the format; versions up to 12 can be read",
    })
    void whatIsNoRdbFileIsRefused(String text, String reason) {
        RdbReader rdb = reader(text.getBytes(UTF_8), 0);
        BadEntryException e = assertThrows(BadEntryException.class, rdb::next);
        assertTrue(e.getMessage().contains(reason), e.getMessage());
    }

    @Test
    void theChecksumIsComparedUnlessItIsSwitchedOff() throws Exception {
        byte[] file = file("0009", LAST);
        file[12]++; // the 2 of k2
        assertThrows(BadEntryException.class, () -> readAll(file));
        Arrays.fill(file, file.length - 8, file.length, (byte) 0);
        readAll(file);
    }

    @Test
    void bytesAfterTheEndAreNotIgnored() {
        byte[] file = file("0009", LAST);
        BadEntryException e =
                assertThrows(BadEntryException.class, () -> readAll(Arrays.copyOf(file, file.length + 1)));
        assertTrue(e.getMessage().contains("append-only file"), e.getMessage());
    }

    /** Cut anywhere, and with any byte changed: an error that names an offset, soon, and without much memory. */
    @Test
    void noDamageIsOverlookedOrDoesHarm() throws Exception {
        byte[] file = file(
                "0012",
                "fa01610162" + "fe00fb0200" + "01" + KEY + "0201610162" + "fc0068e5cf8b010000" + "00" + KEY
                        + "c305150061e00b00" + "07" + KEY + "81a0b1c2d3e4f5061701050502616200" + "18" + KEY
                        + "0000000000000000010001610162" + "f503616263" + LAST);
        readAll(file);
        for (int length = 0; length < file.length; length++) {
            byte[] cut = Arrays.copyOf(file, length);
            BadEntryException e = assertThrows(BadEntryException.class, () -> readAll(cut));
            assertTrue(e.getMessage().matches("offset [0-9]+: .+"), e.getMessage());
        }
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = file.clone();
            int at = random.nextInt(file.length);
            damaged[at] ^= (byte) (1 + random.nextInt(255));
            BadEntryException e = assertThrows(BadEntryException.class, () -> readAll(damaged), "at " + at);
            assertTrue(e.getMessage().matches("offset [0-9]+: .+"), e.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({"817fffffffffffffff", "81ffffffffffffffff", "80ffffffff", "c3" + "817fffffffffffffff" + "05"})
    void lengthsThatCannotBeCostNothing(String length) {
        for (String before : new String[] {"00", "00" + KEY, "01", "0e" + KEY + "01", "fa", "f5"}) {
            byte[] file = file("0012", before + length);
            assertThrows(BadEntryException.class, () -> readAll(file), before);
        }
    }

    private void readAll(byte[] file) throws Exception {
        RdbReader rdb = reader(file, 0);
        while (rdb.next()) {
            assertTrue(rdb.key().length <= Store.MAX_KEY_LENGTH);
        }
    }

    private RdbReader reader(byte[] file, long database) {
        LoadTarget noStore = new LoadTarget(() -> {
            throw new AssertionError("nothing is to be stored");
        });
        Omissions omissions = new Omissions(
                (reason, key, count) -> omitted.add(reason + " " + (key == null ? null : new String(key, UTF_8))));
        return new RdbReader(new ByteArrayInputStream(file), noStore, database, omissions);
    }

    private static void assertEntry(RdbReader rdb, String key, String value) throws Exception {
        assertTrue(rdb.next());
        assertEquals(key, new String(rdb.key(), UTF_8));
        assertEquals(value, new String(rdb.value().toByteArray(), UTF_8));
    }

    private static byte[] file(String version, String hex) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(("REDIS" + version).getBytes(UTF_8));
        file.writeBytes(HexFormat.of().parseHex(hex.replace(" ", "") + "ff"));
        file.writeBytes(CRC64.longToByteArray(CRC64.crc64(file.toByteArray())));
        return file.toByteArray();
    }
}
