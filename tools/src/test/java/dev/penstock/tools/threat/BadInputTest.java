package dev.penstock.tools.threat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.store.Store;
import dev.penstock.store.check.StoreFormat;
import dev.penstock.tools.Cli;
import dev.penstock.tools.process.ExitCode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is wrong with a store: one clear line, the documented exit code, and not a byte changed. */
class BadInputTest {

    private static final byte[] KEY = "a key that is not found elsewhere".getBytes(UTF_8);
    private static final byte[] VALUE = "a value that is not found elsewhere".getBytes(UTF_8);

    @TempDir
    Path folder;

    private Path store;

    @BeforeEach
    void fill() {
        store = folder.resolve("store");
        try (Store open = Store.open(store)) {
            open.put("before".getBytes(UTF_8), new byte[1000]);
            open.put(KEY, VALUE);
            for (int i = 0; i < 100; i++) {
                open.put(("after" + i).getBytes(UTF_8), new byte[1000]);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"get", "put", "del", "scan", "load", "inspect", "verify", "compact", "export", "backup", "repair"
            })
    void aDirectoryThatIsNoStoreIsRefusedAndLeftAlone(String command) throws Exception {
        Path photos = Files.createDirectories(folder.resolve("photos"));
        Files.writeString(photos.resolve("cat.jpg"), "miaow");
        assertRefused(photos, command, photos.toString());
        assertEquals("miaow", Files.readString(photos.resolve("cat.jpg")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"get", "del", "scan", "inspect", "verify", "compact", "export", "backup", "repair"})
    void aDirectoryThatIsNotThereIsRefusedAndNotCreated(String command) throws Exception {
        Path missing = folder.resolve("missing");
        Cli.Result result = run(command, missing).exits(ExitCode.STORE);
        assertEquals("penstock: " + missing + ": no such directory", result.complaint());
        assertFalse(Files.exists(missing));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"get", "put", "del", "scan", "load", "inspect", "verify", "compact", "export", "backup", "repair"
            })
    void aFileInPlaceOfADirectoryIsRefused(String command) throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "content");
        Cli.Result result = run(command, file).exits(ExitCode.STORE);
        assertTrue(result.complaint().contains(file.toString()), result.err());
        assertEquals("content", Files.readString(file));
    }

    /** To repair, a file STORE that does not match its checksum is a lost one. */
    @ParameterizedTest
    @ValueSource(strings = {"get", "put", "del", "scan", "load", "inspect", "verify", "compact", "export", "backup"})
    void aNewerFormatVersionIsNamed(String command) throws Exception {
        flip(store.resolve("STORE"), 8, 0x40);
        assertRefused(store, command, "format version " + (0x40 ^ StoreFormat.version()));
    }

    @Test
    void aFlippedBitInAValueIsFoundWithItsFileAndOffset() throws Exception {
        assertFound(find(VALUE), VALUE.length);
    }

    @Test
    void aFlippedBitInAKeyIsFoundWithItsFileAndOffset() throws Exception {
        assertFound(find(KEY), KEY.length);
    }

    @Test
    void aFlippedBitInARecordsHeaderIsFoundWithItsFileAndOffset() throws Exception {
        Place key = find(KEY);
        // The sequence and the lengths stand right before the key.
        assertFound(new Place(key.file(), key.offset() - 24), 24);
    }

    @Test
    void aFlippedBitInASegmentsHeaderIsFound() throws Exception {
        assertFound(new Place(find(KEY).file(), 0), 40);
    }

    @Test
    void aFlippedBitInTheStoresIdentityIsFound() throws Exception {
        Map<String, byte[]> before = contents(store);
        for (int offset = 12; offset < 64; offset++) {
            flip(store.resolve("STORE"), offset, 1);
            Cli.Result verify = Cli.run("verify", store);
            verify.exits(ExitCode.NEGATIVE);
            assertTrue(verify.out().startsWith("corruption: STORE at offset 0: "), verify.out());
            assertEquals("", verify.err());
            flip(store.resolve("STORE"), offset, 1);
        }
        assertUnchanged(before);
    }

    @Test
    void aDamagedValueIsAnErrorAndNotWrongBytes() throws Exception {
        Place value = find(VALUE);
        flip(value.file(), value.offset(), 1);
        String key = new String(KEY, UTF_8);
        for (Cli.Result read : new Cli.Result[] {
            Cli.run("get", store, key), Cli.run("scan", store, "--values"), Cli.run("scan", store, "--values", "--json")
        }) {
            read.exits(ExitCode.STORE);
            assertTrue(read.complaint().contains(value.name()), read.err());
            assertFalse(read.out().contains("value that is not found elsewhere"), read.out());
        }
        assertEquals(102, Cli.run("scan", store).exits(0).lines().size());
        assertEquals(
                "before",
                Cli.run("scan", store, "--prefix", "before").exits(0).out().strip());
    }

    @Test
    void damageInTheMiddleOfTheLogIsRefusedByOpenAndNothingIsCutOff() throws Exception {
        Place key = find(KEY);
        flip(key.file(), key.offset(), 1);
        Map<String, byte[]> before = contents(store);
        Cli.Result put = run("put", store).exits(ExitCode.STORE);
        assertTrue(put.complaint().startsWith("penstock: " + store + " is damaged: " + key.name()), put.err());
        assertTrue(put.complaint().contains("'penstock verify " + store + "'"), put.err());
        Cli.Result serve = Cli.run("serve", store, "--port", "0").exits(ExitCode.STORE);
        assertEquals(put.complaint(), serve.complaint());
        Cli.Result inspect = Cli.run("inspect", store).exits(ExitCode.NEGATIVE);
        assertEquals(put.complaint(), inspect.complaint());
        assertTrue(inspect.out().contains("\nkeys "), inspect.out());
        assertTrue(put.complaint().contains("offset"), put.err());
        assertUnchanged(before);
        flip(key.file(), key.offset(), 1);
        assertArrayEquals(
                VALUE,
                Cli.run("get", store, new String(KEY, UTF_8)).exits(0).output().bytes());
    }

    @Test
    void aFileCutShortIsFoundAndNothingElseIsLost() throws Exception {
        Place key = find(KEY);
        byte[] whole = Files.readAllBytes(key.file());
        Files.write(key.file(), Arrays.copyOf(whole, (int) key.offset() + 5));
        Cli.Result verify = Cli.run("verify", store);
        assertFalse(verify.exitCode() == ExitCode.OK, "a file cut short passed: " + verify.out());
        assertTrue((verify.out() + verify.err()).contains(key.name()), verify.out() + verify.err());
        Files.write(key.file(), whole);
        Cli.run("verify", store).exits(0);
        assertEquals("102", Integer.toString(Cli.run("scan", store).lines().size()));
    }

    @Test
    void aMissingSegmentIsFound() throws Exception {
        Place key = find(KEY);
        Path aside = folder.resolve("aside");
        Files.move(key.file(), aside);
        Cli.Result verify = Cli.run("verify", store).exits(ExitCode.NEGATIVE);
        assertTrue(
                verify.out().contains("DAMAGED: 0 records in 0 segments, 0 large values, 0 B read, 1 finding\n"),
                verify.out());
        JsonNode json =
                Cli.run("verify", store, "--json").exits(ExitCode.NEGATIVE).json();
        assertFalse(json.get("sound").asBoolean());
        assertEquals("STORE", json.get("findings").get(0).get("file").asText());
        run("get", store).exits(ExitCode.STORE);
        Files.move(aside, key.file());
        Cli.run("verify", store).exits(0);
    }

    /** Flips each bit of a range, one after the other: verify must find every one, change nothing, and say where. */
    private void assertFound(Place place, int length) throws Exception {
        Map<String, byte[]> before = contents(store);
        for (int i = 0; i < length; i++) {
            for (int bit = 1; bit < 256; bit <<= i % 4 == 0 ? 1 : 3) {
                String where = place.name() + " at " + (place.offset() + i) + ", bit " + bit;
                flip(place.file(), place.offset() + i, bit);
                Cli.Result verify = Cli.run("verify", store, "--json");
                verify.exits(ExitCode.NEGATIVE);
                assertFindingNear(verify.json(), place, i, where);
                flip(place.file(), place.offset() + i, bit);
            }
        }
        assertUnchanged(before);
        Cli.run("verify", store).exits(0);
    }

    private static void assertFindingNear(JsonNode report, Place place, int i, String where) {
        for (JsonNode finding : report.get("findings")) {
            long offset = finding.get("offset").asLong();
            // A finding names the record, whose header starts before the byte that is wrong.
            if (finding.get("file").asText().equals(place.name())
                    && offset <= place.offset() + i
                    && offset >= place.offset() + i - 200) {
                return;
            }
        }
        throw new AssertionError(where + " is not among " + report);
    }

    private void assertRefused(Path directory, String command, String reason) throws IOException {
        Map<String, byte[]> before = contents(directory);
        Cli.Result result = run(command, directory).exits(ExitCode.STORE);
        assertTrue(result.complaint().contains(reason), result.err());
        assertEquals("", result.out());
        Map<String, byte[]> after = contents(directory);
        assertEquals(before.keySet(), after.keySet());
        before.forEach((name, bytes) -> assertArrayEquals(bytes, after.get(name), name));
    }

    private void assertUnchanged(Map<String, byte[]> before) throws IOException {
        Map<String, byte[]> after = contents(store);
        before.forEach((name, bytes) -> assertArrayEquals(bytes, after.get(name), name));
    }

    /** What a command would make is not there afterwards. */
    private Cli.Result run(String command, Path directory) throws IOException {
        Path made = folder.resolve("made.csv");
        Cli.Result result = run(command, directory, made);
        assertFalse(Files.exists(made));
        return result;
    }

    private static Cli.Result run(String command, Path directory, Path made) throws IOException {
        return switch (command) {
            case "export", "backup" -> Cli.run(command, directory, made);
            case "repair" -> Cli.run(command, directory, "--out", made);
            case "get", "del" -> Cli.run(command, directory, "key");
            case "put" -> Cli.run(command, directory, "key", "value");
            case "load" -> Cli.runWithInput("{\"key\":\"a\",\"value\":\"\"}".getBytes(UTF_8), command, directory, "-");
            default -> Cli.run(command, directory);
        };
    }

    /** Somewhere in a file of the store. */
    private record Place(Path file, long offset) {
        String name() {
            return file.getFileName().toString();
        }
    }

    private Place find(byte[] bytes) throws IOException {
        for (Map.Entry<String, byte[]> file : contents(store).entrySet()) {
            byte[] content = file.getValue();
            for (int at = 0; at + bytes.length <= content.length; at++) {
                if (Arrays.equals(content, at, at + bytes.length, bytes, 0, bytes.length)) {
                    return new Place(store.resolve(file.getKey()), at);
                }
            }
        }
        throw new AssertionError("no file of the store holds " + new String(bytes, UTF_8));
    }

    private static void flip(Path file, long offset, int bits) throws IOException {
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            access.seek(offset);
            int old = access.read();
            access.seek(offset);
            access.write(old ^ bits);
        }
    }

    /** The store's files but for the lock. */
    private static Map<String, byte[]> contents(Path directory) throws IOException {
        Map<String, byte[]> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                if (!file.getFileName().toString().equals("LOCK")) {
                    contents.put(file.getFileName().toString(), Files.readAllBytes(file));
                }
            }
        }
        return contents;
    }
}
